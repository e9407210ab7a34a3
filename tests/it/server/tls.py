"""Asks over TLS as a browser would, and prints what came of it.

usage: tls.py HOST:PORT CA_FILE [1.2]
Prints `VERSION STATUS SHA-256-OF-THE-CERTIFICATE`, or `refused`.
"""
import hashlib
import http.client
import ssl
import sys

host, port = sys.argv[1].rsplit(":", 1)
context = ssl.create_default_context(cafile=sys.argv[2])
if "1.2" in sys.argv:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)
try:
    connection.connect()
    shown = hashlib.sha256(connection.sock.getpeercert(True)).hexdigest()
    version = connection.sock.version()
    connection.request("GET", "/verify/")
    print(version, connection.getresponse().status, shown)
except (ssl.SSLError, ConnectionError):
    print("refused")
