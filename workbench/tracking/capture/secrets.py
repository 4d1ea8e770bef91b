"""What must not be recorded: secret options, files and contents.

Every rule errs on the side of leaving out, and whoever leaves something out says so: a run that lists
`.env` as skipped can be mended, a token in a shared store cannot.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MASK = "***"

# Patterns are text: the first use compiles them, so that importing this module for a run's start costs nothing.

_SECRET_WORDS = (
    "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "bearer",
)  # fmt: skip
_SECRET_NAMES = frozenset(("pwd", "pass", "pat", "auth", "authorization", "key"))
# In machine learning most tokens are words: `max_tokens`, `token_dim`, `tokenizer`, `pad_token_id`.
_HARMLESS_TOKEN = (
    r"tokens|tokeni[sz]|num_?token|n_?token|token_?(count|dim|len|length|type|ids?|limit|size|level|drop|budget)"
)

_SECRET_FILE = r"""(?ix)(?:^|/)(?:
        \.env(?:rc|\.(?!example$|sample$|template$|dist$).*)?
      | [^/]*\.(?:env|pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|ovpn)
      | id_(?:rsa|dsa|ecdsa|ed25519)[^/]*
      | \.?credentials?(?:[._-][^/]*)?
      | client_secrets?[^/]*
      | service[._-]?account[^/]*\.json
      | \.?secrets?(?:\.(?:ya?ml|json|toml|ini|cfg|conf|txt|properties))?
      | \.(?:netrc|pgpass|npmrc|pypirc|htpasswd|git-credentials|dockercfg|s3cfg|boto)
      | _netrc | kubeconfig | kaggle\.json
    )$
    | (?:^|/)\.(?:ssh|aws|gnupg|kube|docker)/"""

# Documented prefixes of issued credentials; each is long and random enough not to occur in prose.
_TOKENS = rb"""(?x)
      (?P<private_key>-----BEGIN\ (?:[A-Z0-9]+\ )*PRIVATE\ KEY(?:\ BLOCK)?-----)
    | \b(?P<aws_access_key>(?:AKIA|ASIA)[0-9A-Z]{16})\b
    | \b(?P<github_token>gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})
    | \b(?P<gitlab_token>glpat-[0-9A-Za-z_-]{20,})
    | \b(?P<slack_token>xox[abeoprs]-[0-9A-Za-z-]{10,})
    | \b(?P<google_api_key>AIza[0-9A-Za-z_-]{35})
    | \b(?P<hugging_face_token>hf_[0-9A-Za-z]{30,})
    | \b(?P<api_key>sk-[0-9A-Za-z_-]{20,})
    | \b(?P<stripe_key>[rs]k_live_[0-9A-Za-z]{20,})
    | \b(?P<npm_token>npm_[0-9A-Za-z]{36})
    | \b(?P<pypi_token>pypi-AgE[0-9A-Za-z_-]{50,})
    | \b(?P<json_web_token>eyJ[0-9A-Za-z_-]{10,2000}\.eyJ[0-9A-Za-z_-]{10,2000}\.[0-9A-Za-z_-]{10,})
    """
# Begins at the telling word, so that a long line costs no backtracking; the rest of the name is looked up to the left.
_ASSIGNMENT = rb"""(?ix)
    ((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|auth)[\w.-]{0,48})
    ["']?\s*(?::=|=>|[:=])\s*["']?([0-9a-z+/=_~.!@\#$%^&*-]{12,})"""
_URL_PASSWORD = rb"://[^\s/:@'\"<>{}$]{1,200}:([^\s/:@'\"<>{}$*]{4,200})@[\w.-]"
_SHORTEST_TOKEN = 15
_PLACEHOLDERS = frozenset((b"password", b"passwd", b"pass", b"secret", b"token", b"changeme", b"example", b"postgres"))


def is_secret_name(name: str) -> bool:
    """Whether a variable or option of this name holds a secret: `OPENAI_API_KEY`, `--db-password`, `hf_token`."""
    plain = name.lower().lstrip("-").replace("-", "_")
    if plain.replace("_", "") in _SECRET_NAMES:
        return plain != "key"
    letters = re.sub(_HARMLESS_TOKEN, "", plain).replace("_", "")
    return any(word in letters for word in _SECRET_WORDS) or plain.endswith(("_auth", "_pwd", "_pass"))


def mask_command(command: Sequence[str]) -> list[str]:
    """`command` without its secrets: `--api-key=XYZ`, `--api-key XYZ`, `TOKEN=x`, `https://me:pw@host`, tokens."""
    masked: list[str] = []
    value_follows = False
    for argument in command:
        if value_follows and not argument.startswith("--"):
            masked.append(MASK)
            value_follows = False
            continue
        name, equals, value = argument.partition("=")
        named = not any(c.isspace() for c in name) and is_secret_name(name)
        value_follows = named and not equals and argument.startswith("-")
        masked.append(f"{name}={MASK}" if named and value else mask_text(argument))
    return masked


def mask_text(text: str) -> str:
    """`text` with issued tokens and the passwords of URLs replaced."""
    if len(text) >= _SHORTEST_TOKEN:
        raw = text.encode("utf-8", "surrogateescape")
        text = re.sub(_TOKENS, MASK.encode(), raw).decode("utf-8", "surrogateescape")
    return mask_url(text)


def mask_url(text: str) -> str:
    """`text` without the user and password of a URL in it: `https://me:pw@host/x` → `https://***@host/x`."""
    if "://" not in text or "@" not in text:
        return text
    return re.sub(r"(://)[^\s/@]+@", rf"\g<1>{MASK}@", text)


def is_secret_file(path: str) -> bool:
    """Whether a file of this name (with `/` separators) is kept out whatever it holds: `.env`, `*.pem`, `id_rsa`, …"""
    return re.search(_SECRET_FILE, path) is not None


def find_secret(content: bytes) -> str | None:
    """What kind of secret `content` seems to hold (`github token`, `password in a URL`, …), or None.

    A known prefix of an issued credential, a password inside a URL, or a random-looking value that is
    assigned to a name such as `api_key`.
    """
    token = re.search(_TOKENS, content)
    if token:
        return str(token.lastgroup).replace("_", " ")
    for match in re.finditer(_URL_PASSWORD, content):
        if match[1].lower() not in _PLACEHOLDERS:
            return "password in a URL"
    for match in re.finditer(_ASSIGNMENT, content):
        before = re.search(rb"\w*$", content[max(0, match.start() - 48) : match.start()])
        name = ((before[0] if before else b"") + match[1]).decode("ascii", "replace")
        if is_secret_name(name) and _looks_random(match[2]):
            return f"value of {name}"
    return None


def _looks_random(value: bytes) -> bool:
    """Whether a value is no word, path or expression: digits among letters, 3 bits of entropy a character."""
    from math import log2

    value = value.rstrip(b"=")
    letters = sum(c in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" for c in value)
    digits = sum(c in b"0123456789" for c in value)
    if digits < 2 or letters < 2 or value.startswith((b"$", b"os.", b"self.", b"cfg.", b"config.", b"args.")):
        return False
    shares = [value.count(c) / len(value) for c in set(value)]
    return -sum(share * log2(share) for share in shares) >= 3.0
