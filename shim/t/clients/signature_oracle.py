#!/usr/bin/env python3
"""signature_oracle.py COUNT SEED: random requests, with the base strings and signatures that oauthlib makes of them.

One JSON object a line.  Half of the requests are spelled here, in every way that the wire allows; half are signed by
oauthlib's client, which puts the protocol parameters into the header, the query or the body.
SPDX-License-Identifier: PostgreSQL
"""
import json
import random
import sys
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature

SIGN = {
    "HMAC-SHA1": signature.sign_hmac_sha1_with_client,
    "HMAC-SHA256": signature.sign_hmac_sha256_with_client,
    "HMAC-SHA512": signature.sign_hmac_sha512_with_client,
    "RSA-SHA1": signature.sign_rsa_sha1_with_client,
    "RSA-SHA256": signature.sign_rsa_sha256_with_client,
    "RSA-SHA512": signature.sign_rsa_sha512_with_client,
    "PLAINTEXT": signature.sign_plaintext_with_client,
}
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "post", "Propfind", "X-METHOD"]
HOSTS = ["example.com", "EXAMPLE.com", "a.b-c.example", "127.0.0.1", "[::1]", "[2001:DB8::A]", "xn--bcher-kva.example"]
PORTS = ["", ":80", ":443", ":8080", ":1", ":65535"]
LETTERS = "abcXYZ019-._~ !\"#$%&'()*+,/:;<=>?@[\\]^`{|}\n\t\x7f\u00e4\u00df\u20ac\u3001\U0001f600"
UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
# What may stand in a form or a query unencoded, beside the unreserved characters; oauthlib takes no others.
BARE = "/:!*'(),;@?$"

chance = random.Random(int(sys.argv[2]))


def text(longest, letters=LETTERS):
    return "".join(chance.choice(letters) for _ in range(chance.choice((0, 1, 2, longest))))


def percent(character):
    return "".join(("%%%02x" if chance.random() < 0.3 else "%%%02X") % byte for byte in character.encode())


def spell(plain, bare):
    """Some encoding of it: any character may be encoded, and those of bare, and a space as +, need not."""
    return "".join("+" if c == " " and bare and chance.random() < 0.5
                   else c if c in UNRESERVED + bare and chance.random() < 0.95
                   else percent(c) for c in plain)


def form(pairs):
    spelled = []
    for name, value in pairs:
        pair = spell(name, BARE)
        if value or chance.random() < 0.5 or not pair:
            pair += "=" + spell(value, BARE)
        spelled.append(pair)
        if chance.random() < 0.1:
            spelled.append("")
    return "&".join(spelled)


def pairs():
    """Names that repeat, or are the beginnings of others, with values that repeat."""
    names = [text(4) for _ in range(3)] + ["a", "a1", "A", "b", "realm", "file", "\u00fc"]
    values = [text(12) for _ in range(3)] + ["", "1", "2", "x y"]
    return [(chance.choice(names), chance.choice(values)) for _ in range(chance.randrange(9))]


def uri(query):
    path = "".join("/" + spell(text(6).replace("%", ""), "") for _ in range(chance.randrange(4)))
    if path and chance.random() < 0.2:
        path += chance.choice(("/", ";p=1", "/a%2Fb", "/%7e"))
    scheme = chance.choice(("http", "https", "HTTP"))
    query = "?" + query if query or chance.random() < 0.1 else ""
    return scheme + "://" + chance.choice(HOSTS) + chance.choice(PORTS) + path + query + chance.choice(("", "", "#f?a=b"))


def protocol(method, letters):
    """Protocol parameters: all, or some; the order is no matter."""
    chosen = [("oauth_consumer_key", text(8, letters)), ("oauth_signature_method", method), ("oauth_timestamp", "137131200"),
              ("oauth_nonce", text(8, letters)), ("oauth_signature", text(8, letters))]
    chosen += chance.sample([("oauth_token", text(8, letters)), ("oauth_version", "1.0"), ("oauth_unknown", text(8, letters)),
                             ("oauth_callback", "http://printer.example/ready?x=1")], chance.randrange(5))
    chance.shuffle(chosen)
    return chosen


def header(parameters):
    fields = ['%s="%s"' % (name, spell(value, "")) for name, value in parameters]
    if chance.random() < 0.5:
        fields.insert(chance.randrange(len(fields) + 1), chance.choice(('realm="Photos"', 'realm=""', 'realm="a, \\"b\\" = c"')))
    return chance.choice(("OAuth ", "oauth  ", "OAUTH ")) + chance.choice((",", ", ", " ,  ")).join(fields)


def spelled_here(method):
    # oauthlib decodes what begins with oauth_ twice where it stands in the query or the body
    place = chance.choice(("header", "query", "body"))
    parameters = protocol(method, LETTERS if place == "header" else LETTERS.replace("%", ""))
    query = pairs() + (parameters if place == "query" else [])
    body = pairs() + (parameters if place == "body" else [])
    return uri(form(query)), header(parameters) if place == "header" else None, form(body)


def signed_by_client(client, http_method):
    body = None if http_method == "GET" else form(pairs())
    address = uri(form(pairs())).split("#")[0]
    if not urlsplit(address).path:
        address = address.replace("?", "/?", 1) if "?" in address else address + "/"
    headers = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
    address, headers, body = client.sign(address, http_method, body, headers)
    return address, headers.get("Authorization"), body or ""


def sample(private_pem):
    # oauthlib takes 30 milliseconds for an RSA signature
    method = chance.choice([name for name in SIGN for _ in range(1 if name.startswith("RSA") else 20)])
    http_method = chance.choice(METHODS)
    client = Client(text(8, UNRESERVED) or "c", client_secret=text(16), resource_owner_key=chance.choice((None, "", "token")),
                    resource_owner_secret=text(16), signature_method=method, rsa_key=private_pem,
                    signature_type=chance.choice(("AUTH_HEADER", "QUERY", "BODY")), realm=chance.choice((None, "Photos")))
    by_client = chance.random() < 0.5
    if by_client and client.signature_type == "BODY" and http_method == "GET":
        http_method = "PUT"
    address, authorization, body = signed_by_client(client, http_method) if by_client else spelled_here(method)

    collected = signature.collect_parameters(urlsplit(address).query, body,
                                             {"Authorization": authorization} if authorization else {})
    base_string = signature.signature_base_string(http_method, signature.base_string_uri(address),
                                                  signature.normalize_parameters(collected))
    signed = SIGN[method](base_string, client)
    assert not by_client or "oauth_signature=" + quote(signed, "") in (authorization or address + "&" + body).replace('"', "")
    return {
        "http_method": http_method, "uri": address, "authorization": authorization, "body": body or None,
        "base_string": base_string, "signature_method": method,
        "signature": signed, "secret": client.client_secret, "token_secret": client.resource_owner_secret,
        "by_client": by_client,
    }


key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption()).decode()
public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
for _ in range(int(sys.argv[1])):
    made = sample(private)
    if made["signature_method"].startswith("RSA"):
        made["sign_with"], made["verify_with"] = private, public
    else:
        made["sign_with"] = made["verify_with"] = made["secret"]
    print(json.dumps(made))
