"""What a ClickHouse server, or a cluster of them, has that the embedded engine has not."""
