"""The API versions of DEEPaaS models; there is one."""
