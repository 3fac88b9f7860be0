"""Superset's settings, for `make bi` and for the compose stack alike: what differs comes from the environment.

SUPERSET_METADATA_DSN and SUPERSET_SECRET_KEY, or the same names with _FILE for a file that holds the value.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any

from superset.errors import SupersetErrorType

# Superset loads this file by its path; what lies beside it is found so.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from warehouse_logins import connect_as_user


def _secret(name: str) -> str:
    """The value of an environment variable, or of the file that <name>_FILE names; there is no default."""
    if os.environ.get(name):
        return os.environ[name]
    return Path(os.environ[f"{name}_FILE"]).read_text(encoding="utf-8").strip()


SECRET_KEY = _secret("SUPERSET_SECRET_KEY")
SQLALCHEMY_DATABASE_URI = "postgresql+psycopg2://" + _secret("SUPERSET_METADATA_DSN").partition("://")[2]
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True}
DB_CONNECTION_MUTATOR = connect_as_user

# --- what people see ---------------------------------------------------------------------------------------
APP_NAME = "医院指标仓库 Hospital Indicators"
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "简体中文"}}
_FONTS = "Inter, 'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
THEME_DEFAULT = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": "/static/assets/images/superset-logo-horiz.png",
        "brandLogoHref": "/dashboard/list/",
        "brandLogoMargin": "18px 0",
        "brandLogoHeight": "24px",
        "brandIconMaxWidth": 37,
        "colorPrimary": "#0072B2",
        "colorLink": "#0072B2",
        "colorError": "#D55E00",
        "colorWarning": "#E69F00",
        "colorSuccess": "#009E73",
        "colorInfo": "#56B4E9",
        "fontUrls": [],
        "fontFamily": _FONTS,
        "fontFamilyCode": "'Noto Sans Mono CJK SC', 'Courier New', monospace",
        "transitionTiming": 0.3,
        "fontSizeXS": "8",
        "fontSizeXXL": "28",
        "fontWeightNormal": "400",
        "fontWeightLight": "300",
        "fontWeightStrong": "500",
        "fontWeightBold": "700",
        "colorEditorSelection": "#fff5cf",
    },
    "algorithm": "default",
}
THEME_DARK = None
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
# Okabe and Ito's colours: told apart with every kind of colour vision, and in print.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "okabeIto",
        "description": "Legible to the colour-blind (Okabe and Ito)",
        "label": "Okabe-Ito",
        "isDefault": True,
        "colors": ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#666666"],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "cividis",
        "description": "Even steps of lightness, legible to the colour-blind",
        "label": "Cividis",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#FDE737", "#C8B866", "#9B9A77", "#7C7B78", "#575C6D", "#31446B", "#00224E"],
    }
]
CURRENCIES = ["CNY"]
# What a server says of itself when it cannot be reached (addresses, logins) is for its operator's log.
_UNREACHABLE = (
    "仓库暂时连不上，请稍后再试；若一直如此，请告知运维人员。"
    " The warehouse cannot be reached just now: try again in a moment; if it stays so, tell its operator."
)
CUSTOM_DATABASE_ERRORS = {
    "医院指标仓库 Warehouse": {
        re.compile(pattern): (message, SupersetErrorType.GENERIC_DB_ENGINE_ERROR, {"show_issue_info": False})
        for pattern, message in {
            "connection to server|closed the connection|terminating connection|connection already closed"
            "|connection has been closed|not currently accepting connections": _UNREACHABLE,
            "permission denied for": "您的登录名无权读取此内容。 Your login may not read this.",
            "due to statement timeout": "查询用时过长，已停止：请缩小筛选范围。"
            " The query took too long and was stopped: choose less.",
        }.items()
    }
}


def _tell_in_clear_words(app: Any) -> None:
    """Superset's FLASK_APP_MUTATOR: a server that was lost outside of a query, its own one too, is told of alike."""
    from flask import make_response, request
    from sqlalchemy.exc import OperationalError
    from superset.errors import ErrorLevel, SupersetError
    from superset.views.error_handling import json_error_response

    page = Path(__file__).with_name("unreachable.html").read_text(encoding="utf-8")

    @app.errorhandler(OperationalError)  # type: ignore[untyped-decorator]
    def unreachable(error: OperationalError) -> Any:
        app.logger.warning("A database cannot be reached", exc_info=error)
        if "text/html" in request.accept_mimetypes:
            return make_response(page, 503, {"Retry-After": "30"})
        kind = SupersetErrorType.GENERIC_DB_ENGINE_ERROR
        return json_error_response([SupersetError(_UNREACHABLE, kind, ErrorLevel.ERROR, {})], status=503)


FLASK_APP_MUTATOR = _tell_in_clear_words
FEATURE_FLAGS = {
    "DRILL_BY": True,
    "DASHBOARD_RBAC": True,
    "ALERT_REPORTS": False,
    # Text that a user types never becomes part of a query's template.
    "ENABLE_TEMPLATE_PROCESSING": False,
}
ROW_LIMIT = 10_000
SQL_MAX_ROW = 50_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 30

# --- what stays closed -------------------------------------------------------------------------------------
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Behind TLS (the compose stack's proxy) cookies travel encrypted only; on 127.0.0.1 there is no TLS.
SESSION_COOKIE_SECURE = os.environ.get("SUPERSET_BEHIND_TLS", "") == "true"
ENABLE_PROXY_FIX = SESSION_COOKIE_SECURE
PERMANENT_SESSION_LIFETIME = 8 * 60 * 60
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "20 per minute"
RATELIMIT_ENABLED = True
SHOW_STACKTRACE = False
PUBLIC_ROLE_LIKE = None
FAB_API_SWAGGER_UI = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
# Two keys that are only used by features that are off; never the published defaults.
GUEST_TOKEN_JWT_SECRET = SECRET_KEY[::-1]
GLOBAL_ASYNC_QUERIES_JWT_SECRET = SECRET_KEY[::-1]
# A page asks nobody but this server: no maps, no fonts, no counters from elsewhere.
ENABLE_CORS = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'self'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": SESSION_COOKIE_SECURE,
}
# Exports are for spreadsheets: a byte order mark for their reader. Superset escapes cells that would be formulas.
CSV_EXPORT = {"encoding": "utf-8-sig"}
