"""hiw."""
def main() -> None:
    pass
