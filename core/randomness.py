"""All dice of the product, from the system's generator; ``random`` is banned elsewhere."""

import secrets

_system = secrets.SystemRandom()


def below(n: int) -> int:
    """A uniform integer in ``0 … n − 1``."""
    return secrets.randbelow(n)


def digits(n: int) -> str:
    """``n`` uniform decimal digits."""
    return f"{secrets.randbelow(10**n):0{n}d}"


def symbols(n: int, alphabet: str) -> str:
    """``n`` uniform symbols of ``alphabet``."""
    return "".join(secrets.choice(alphabet) for _ in range(n))


def jitter(seconds: float, share: float = 0.2) -> float:
    """``seconds`` ± ``share`` of it, so that retries don't march in step."""
    return seconds * _system.uniform(1 - share, 1 + share)
