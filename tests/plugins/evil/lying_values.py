"""Values that look like what is wanted and say something else the next time they are asked."""

from saas.hooks import PlaceHold, hookimpl
from saas.rules.facts import HoldReason
from tests.plugins.evil.base import Base


class Lies(int):
    """Small when compared, large when charged."""

    def __lt__(self, other):
        return True

    def __gt__(self, other):
        return False

    def __le__(self, other):
        return True

    def __ge__(self, other):
        return other == 0


class Text(str):
    """Short and plain when looked at."""

    def __len__(self):
        return 10

    def isprintable(self):
        return True


class Hold(PlaceHold):
    """Until tomorrow for the host, until yesterday for the law."""

    asked = 0

    def __getattribute__(self, name):
        value = super().__getattribute__(name)
        if name == "look_again_on":
            type(self).asked += 1
            return value if type(self).asked % 4 else value.replace(year=1999)
        return value


class Evil(Base):
    slug = "lying_values"

    @hookimpl
    def limit_fee(self, fee, case):
        return Lies(10**9)

    @hookimpl
    def hold_case(self, case, today):
        return Hold(HoldReason.QUIET, today.replace(year=today.year + 1)) if case.facts else None

    @hookimpl
    def extend_letter(self, kind, language, case):
        return [Text("Betal til 1234.\n\x1b[2J" * 200)]
