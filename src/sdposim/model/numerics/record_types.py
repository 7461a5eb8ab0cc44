"""Records for Numba's compiler: a named tuple whose fields it reads from memory, see `records`."""

import hashlib
from functools import cache
from typing import Any

from sdposim.model.numerics.records import SLOT, slots


def typeof(value: Any):
    """Numba's type of an argument of the kernel: of a named tuple, that of its record.

    Args:
        value: an array, a number, or a named tuple of these.
    """
    import numba

    if not isinstance(value, tuple):
        return numba.typeof(value)
    fields, offset = {}, 0
    for name, field in zip(value._fields, value, strict=True):
        fields[name] = typeof(field), offset
        offset += SLOT * slots(field)
    return _record()(type(value).__name__, fields)


@cache
def _record() -> type:
    """The class of such types, which Numba knows from now on."""
    from llvmlite import ir
    from numba import types
    from numba.core.datamodel import models
    from numba.core.extending import lower_getattr_generic, register_model
    from numba.core.typing.templates import AttributeTemplate, infer_getattr

    class Record(types.Type):
        """A record of `fields`, by name their types and their first bytes.

        Its name, which stands in those of functions, is short, and says what its fields are.
        """

        def __init__(self, label, fields):
            self.fields = fields
            said = repr([(name, str(kind), offset) for name, (kind, offset) in fields.items()])
            super().__init__(f"{label}{hashlib.sha256(said.encode()).hexdigest()[:8]}")

    @register_model(Record)
    class Address(models.PrimitiveModel):
        def __init__(self, manager, kind):
            super().__init__(manager, kind, ir.IntType(8).as_pointer())

    @infer_getattr
    class Fields(AttributeTemplate):
        key = Record

        def generic_resolve(self, kind, name):
            return kind.fields[name][0] if name in kind.fields else None

    @lower_getattr_generic(Record)
    def field(context, builder, kind, address, name):
        own, offset = kind.fields[name]
        if isinstance(own, types.Array):
            return _array(context, builder, own, address, offset)
        if isinstance(own, Record):
            return _at(builder, address, offset)
        model = context.data_model_manager[own]
        return model.from_data(builder, _load(builder, address, offset, model.get_data_type()))

    return Record


def _at(builder, address, offset):
    from llvmlite import ir

    return builder.gep(address, [ir.Constant(ir.IntType(32), offset)])


def _load(builder, address, offset, kind):
    value = builder.load(builder.bitcast(_at(builder, address, offset), kind.as_pointer()))
    # Whatever the kernel writes, it is not the record.
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _array(context, builder, kind, address, offset):
    """Numba's form of an array, whose strides follow from its shape."""
    from numba import types
    from numba.core import cgutils

    word, item = context.get_value_type(types.intp), context.get_data_type(kind.dtype)
    shape = [_load(builder, address, offset + SLOT * (1 + axis), word) for axis in range(kind.ndim)]
    size = word(context.get_abi_sizeof(item))
    strides, count = [], word(1)
    for length in reversed(shape):
        strides.insert(0, builder.mul(count, size, flags=("nsw",)))
        count = builder.mul(count, length, flags=("nsw",))
    array = context.make_array(kind)(context, builder)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    array.parent = cgutils.get_null_value(array.parent.type)
    array.nitems, array.itemsize = count, size
    array.data = _load(builder, address, offset, item.as_pointer())
    array.shape = cgutils.pack_array(builder, shape, word)
    array.strides = cgutils.pack_array(builder, strides, word)
    return array._getvalue()
