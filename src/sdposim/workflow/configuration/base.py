"""What all models of the configuration share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# A name that begins with '-' would be an option of the command that it is given to.
Name = Annotated[str, Field(pattern=r"^[a-z0-9_][a-z0-9_-]*$", max_length=64)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Model(BaseModel):
    """Base of all models: no unknown keys, no silent conversions, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, validate_default=True
    )


def all_distinct(values):
    """A list without repetitions, or what is no list.

    Raises:
        ValueError: names what is listed twice.
    """
    seen = set()
    for value in values if isinstance(values, list) else []:
        if value in seen:
            raise ValueError(f"{value!r} is listed twice; list every value once")
        seen.add(value)
    return values
