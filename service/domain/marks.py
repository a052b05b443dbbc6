"""What pydantic is to know of a type, said without loading it: that is for who reads documents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

_Handler = Callable[[Any], Any]  # of pydantic's: makes the form of a type


@dataclass(frozen=True, slots=True)
class Checked:
    """Marks a type whose values must pass a function, which raises ValueError or gives the value back."""

    check: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: _Handler) -> Any:
        """Stand for pydantic's `AfterValidator`."""
        from pydantic import AfterValidator  # noqa: PLC0415  (who reads documents has it loaded)

        return handler(Annotated[source, AfterValidator(self.check)])


@dataclass(frozen=True, slots=True)
class ToldApartBy:
    """Marks a union whose members are told apart by the value of one key."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: _Handler) -> Any:
        """Stand for pydantic's `Field(discriminator=…)`."""
        from pydantic import Field  # noqa: PLC0415  (as above)

        return handler(Annotated[source, Field(discriminator=self.key)])
