"""People with a password: the tenant's staff and the creditors' own users."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from saas.access.models import User
from saas.access.roles import Role
from saas.kernel import history
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL, new_id
from tenants.models import Creditor
from tenants.resolve import Tenant

MIN_PASSWORD, MAX_PASSWORD, MAX_EMAIL = 12, 256, 254
_hasher = PasswordHasher()  # argon2id, the library's parameters (RFC 9106, low memory)


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who has shown who they are. `creditor_id` nil is the tenant's own staff."""

    user_id: UUID
    creditor_id: UUID
    name: str
    role: Role

    @property
    def actor(self) -> str:
        """How history names them."""
        return f"user:{self.user_id}"


def add_user(
    tenant: Tenant,
    *,
    email: str,
    name: str,
    password: str,
    role: str,
    creditor_id: UUID = NIL,
    now: datetime,
    actor: str,
) -> UUID:
    """Let a person in. Raises BadInput: address bad or taken, password weak, role and creditor not fitting."""
    email = normal_email(email)
    errors = _wrong(tenant, email, name, password, role, creditor_id)
    if errors:
        raise BadInput(errors)
    user_id = new_id()
    added = tenant.session.execute(
        sa.text(
            "insert into app_user (tenant_id, id, creditor_id, email, name, password_hash, role, active)"
            " values (:tenant, :id, :creditor, :email, :name, :hash, :role, true)"
            " on conflict (tenant_id, email) do nothing"
        ),
        {"tenant": tenant.id, "id": user_id, "creditor": creditor_id, "email": email, "name": name.strip(),
         "hash": _hash(password), "role": role},
    )  # fmt: skip
    if not added.rowcount:  # type: ignore[attr-defined]
        raise BadInput({"email": ["Det finnes alt en bruker med denne e-postadressen."]})
    body = {"user": str(user_id), "role": role, "creditor": str(creditor_id)}
    history.record(tenant.session, "user.added", at=now, actor=actor, body=body)
    return user_id


def check_password(tenant: Tenant, email: str, password: str) -> Signed | None:
    """Who this is, or None. A wrong password, an unknown and a closed user take the same time and look the same."""
    user = tenant.session.scalar(
        sa.select(User).where(User.tenant_id == tenant.id, User.email == normal_email(email), User.active)
    )
    right = _verify(user.password_hash if user else _nobodys_hash(), password[: MAX_PASSWORD + 1])
    if user is None or not right:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hash(password)
    return _signed(user)


def find_user(tenant: Tenant, user_id: UUID) -> Signed | None:
    """Whoever a session says is signed in, while the user is still active."""
    user = tenant.session.get(User, (tenant.id, user_id))
    return _signed(user) if user is not None and user.active else None


def set_password(tenant: Tenant, user_id: UUID, password: str, *, now: datetime, actor: str) -> None:
    """Give a user a new password. Raises NotFound, BadInput."""
    user = _user(tenant, user_id)
    problem = _weak(password, user.email)
    if problem:
        raise BadInput({"password": [problem]})
    user.password_hash = _hash(password)
    history.record(tenant.session, "user.password_set", at=now, actor=actor, body={"user": str(user_id)})


def close_user(tenant: Tenant, user_id: UUID, *, now: datetime, actor: str) -> None:
    """Shut a user out from the next request on. Raises NotFound."""
    _user(tenant, user_id).active = False
    history.record(tenant.session, "user.closed", at=now, actor=actor, body={"user": str(user_id)})


def normal_email(email: str) -> str:
    """The form in which an e-mail address is stored and looked up."""
    return email.replace("\x00", "").strip().lower()


def _user(tenant: Tenant, user_id: UUID) -> User:
    user = tenant.session.get(User, (tenant.id, user_id))
    if user is None:
        raise NotFound("Vi finner ikke brukeren.")
    return user


def _signed(user: User) -> Signed:
    return Signed(user.id, user.creditor_id, user.name, Role(user.role))


def _wrong(tenant: Tenant, email: str, name: str, password: str, role: str, creditor_id: UUID) -> dict[str, object]:
    errors: dict[str, object] = {}
    local, _, domain = email.partition("@")
    if not local or "." not in domain.strip(".") or len(email) > MAX_EMAIL or not email.isprintable() or " " in email:
        errors["email"] = ["Skriv en e-postadresse, for eksempel navn@firma.no."]
    if not name.strip() or not name.isprintable() or len(name) > 200:
        errors["name"] = ["Skriv navnet på den som skal bruke tjenesten."]
    weak = _weak(password, email)
    if weak:
        errors["password"] = [weak]
    if role not in set(Role):
        errors["role"] = [f"Velg en rolle: {', '.join(Role)}."]
    elif (role == Role.CREDITOR) != (creditor_id != NIL):
        errors["creditor_id"] = ["Rollen «creditor» hører til én oppdragsgiver, de andre rollene til ingen."]
    elif creditor_id != NIL and tenant.session.get(Creditor, (tenant.id, creditor_id)) is None:
        errors["creditor_id"] = ["Vi finner ikke oppdragsgiveren."]
    return errors


def _weak(password: str, email: str) -> str:
    if len(password) < MIN_PASSWORD:
        return f"Passordet må ha minst {MIN_PASSWORD} tegn. Flere ord etter hverandre er fint."
    if len(password) > MAX_PASSWORD:
        return f"Passordet kan ha høyst {MAX_PASSWORD} tegn."
    if len(set(password)) < 5 or password.lower() == email:
        return "Passordet er for lett å gjette. Velg noe annet."
    return ""


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _hash(password: str) -> str:
    return _hasher.hash(_bytes(password))


def _bytes(password: str) -> bytes:
    """Whatever a form or a JSON body can hold, lone surrogates too."""
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys_hash() -> str:
    """A hash to try when there is no user, so that the answer takes as long."""
    return _hasher.hash(new_id().hex)
