"""Image services that are not behind Discord: each is an account with a key, worked under the same leases.

Contracts and their sources: docs/other-services.md.
"""

from engine.drivers.services.driver import ServiceDriver, ServiceOptions

__all__ = ["ServiceDriver", "ServiceOptions"]
