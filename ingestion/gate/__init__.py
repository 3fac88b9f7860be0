"""What the gate needs beside Great Expectations: the rules, the suites made from them, the batch, the outcomes."""
