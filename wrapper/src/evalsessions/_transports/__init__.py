"""The libraries that HTTP is spoken with: httpx, and pyreqwest where speed counts."""
