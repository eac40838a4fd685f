"""The operations by what they are about, each signature written once for the sync and the async faces."""
