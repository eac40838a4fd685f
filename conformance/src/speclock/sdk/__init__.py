"""SDKs as subjects: what one puts on the wire, what it refuses, and how it reads what comes back."""
