"""The same service in miniature: free, without a key, in this process or on a port.

It answers as the hosted one does, and makes a motion preview of both inputs in a worker process.
"""
