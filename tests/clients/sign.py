"""An office that signs what it decides, in Python, from the published proto and src/ledger/SPEC.md alone.

usage: sign.py HOST:PORT KEY PROTO_FOLDER SECRET
SECRET is an Ed25519 secret key, 32 bytes in hexadecimal. Registers it, makes a credential by a signed call,
shows that a changed call is refused, and checks the signature that the log keeps.
"""

import base64
import hashlib
import importlib
import json
import os
import sys

import grpc
from department import compile_proto
from verify import BASE_Y, L, P, ed25519, recover_x, times


def encode(point):
    x, y = point
    return (y | ((x & 1) << 255)).to_bytes(32, "little")


class Signer:
    """Ed25519 (RFC 8032) with nothing but the standard library: slow, and for few signatures."""

    def __init__(self, secret):
        digest = hashlib.sha512(secret).digest()
        number = int.from_bytes(digest[:32], "little")
        self.scalar = (number & ((1 << 254) - 8)) | (1 << 254)
        self.prefix = digest[32:]
        self.base = (recover_x(BASE_Y, 0), BASE_Y)
        self.public = encode(times(self.scalar, self.base))

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
        commitment = encode(times(r, self.base))
        hashed = hashlib.sha512(commitment + self.public + message).digest()
        s = (r + int.from_bytes(hashed, "little") * self.scalar) % L
        return commitment + s.to_bytes(32, "little")


def call_text(method, request_id, digest):
    return f"onevisit call\n{method}\n{request_id}\n{digest.hex()}\n".encode()


def header(signer, method, request, salt):
    """What goes into the metadata onevisit-signature."""
    digest = hashlib.sha256(salt + request.SerializeToString(deterministic=True)).digest()
    signature = signer.sign(call_text(method, request.request_id, digest))
    return "onevisit-signature", base64.b64encode(salt + signature).decode()


def main():
    host, key, folder, secret = sys.argv[1:5]
    compile_proto(folder)
    access = importlib.import_module("onevisit.v1.access_service_pb2")
    access_grpc = importlib.import_module("onevisit.v1.access_service_pb2_grpc")
    department = importlib.import_module("onevisit.v1.department_pb2")
    ledger = importlib.import_module("onevisit.v1.ledger_service_pb2")
    ledger_grpc = importlib.import_module("onevisit.v1.ledger_service_pb2_grpc")
    auth = ("authorization", f"Bearer {key}")
    channel = grpc.insecure_channel(host)
    client = access_grpc.AccessServiceStub(channel)

    signer = Signer(bytes.fromhex(secret))
    credential = client.WhoAmI(access.WhoAmIRequest(), metadata=[auth]).api_key.key_id
    text = f"onevisit signing key\n{credential}\n{signer.public.hex()}\n".encode()
    request = access.RegisterSigningKeyRequest(
        request_id="py-key", public_key=signer.public, proof=signer.sign(text))
    client.RegisterSigningKey(request, metadata=[auth])
    assert client.WhoAmI(access.WhoAmIRequest(), metadata=[auth]).signing_key == signer.public

    request = access.CreateApiKeyRequest(
        request_id="py-create", role=department.ROLE_AUDITOR, office="审计科")
    salt = os.urandom(16)
    signed = [auth, header(signer, "CreateApiKey", request, salt)]
    changed = access.CreateApiKeyRequest(
        request_id="py-create", role=department.ROLE_OFFICE, office="审计科")
    try:
        client.CreateApiKey(changed, metadata=signed)
        raise AssertionError("a changed call went through")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error
    made = client.CreateApiKey(request, metadata=signed).api_key.key_id

    log = ledger_grpc.LedgerServiceStub(channel)
    while True:
        # The event has its place within a second.
        entries = log.ListEntries(ledger.ListEntriesRequest(first=0, page_size=1000)).entries
        events = [json.loads(entry.body) for entry in entries]
        found = [e for e in events if e["body"].get("key") == made]
        if found:
            break
    event, kept = found[0], found[0]["actor_sig"]
    digest = hashlib.sha256(salt + request.SerializeToString(deterministic=True)).digest()
    assert kept["digest"] == digest.hex() and kept["key"] == signer.public.hex(), kept
    text = call_text(kept["method"], event["request_id"], digest)
    assert ed25519(bytes.fromhex(kept["key"]), text, bytes.fromhex(kept["signature"]))
    print(json.dumps({"credential": credential, "key": kept["key"], "made": made}))


main()
