import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/**
 * Prints what PostgreSQL's JDBC driver tells of the tables and views of one schema, as a sync of Metabase reads it: one line
 * a fact, its parts set apart by tabs. Arguments: JDBC URL, schema. HIW_LOGIN and HIW_PASSWORD name who asks.
 */
public class ReadMetadata {
    public static void main(String[] arguments) throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", System.getenv("HIW_LOGIN"));
        login.setProperty("password", System.getenv("HIW_PASSWORD"));
        String schema = arguments[1];
        try (Connection connection = DriverManager.getConnection(arguments[0], login)) {
            DatabaseMetaData metadata = connection.getMetaData();
            try (ResultSet tables = metadata.getTables(null, schema, "%", new String[] {"TABLE", "VIEW"})) {
                while (tables.next()) {
                    String table = tables.getString("TABLE_NAME");
                    print("table", table, tables.getString("TABLE_TYPE"), tables.getString("REMARKS"));
                    keys(metadata, schema, table);
                }
            }
            try (ResultSet columns = metadata.getColumns(null, schema, "%", "%")) {
                while (columns.next()) {
                    print("column", columns.getString("TABLE_NAME"), columns.getString("COLUMN_NAME"),
                          columns.getString("TYPE_NAME"), columns.getString("DATA_TYPE"), columns.getString("REMARKS"));
                }
            }
        }
    }

    private static void keys(DatabaseMetaData metadata, String schema, String table) throws SQLException {
        try (ResultSet keys = metadata.getPrimaryKeys(null, schema, table)) {
            while (keys.next()) {
                print("primary key", table, keys.getString("COLUMN_NAME"));
            }
        }
        try (ResultSet keys = metadata.getImportedKeys(null, schema, table)) {
            while (keys.next()) {
                print("foreign key", table, keys.getString("FKCOLUMN_NAME"), keys.getString("PKTABLE_NAME"),
                      keys.getString("PKCOLUMN_NAME"));
            }
        }
    }

    private static void print(String... parts) {
        for (int i = 0; i < parts.length; i++) {
            parts[i] = parts[i] == null ? "" : parts[i].replaceAll("\\s+", " ");
        }
        System.out.println(String.join("\t", parts));
    }
}
