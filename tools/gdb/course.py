# SPDX-License-Identifier: MIT
"""Tells gdb how to print a Tensor, a Shape, an L and a Module. `./course debug LESSON` loads it; by hand:

    (gdb) source tools/gdb/course.py
    (gdb) print x
    $1 = Tensor (2, 3) float32 [[1, 2, 3], [4, 5, 6]]
"""
import struct

import gdb

EDGE = 3  # items shown at each end of a long axis
MOST = 1000  # of a tensor with more elements only the ends are shown
DTYPES = {0: ('bool', '?'), 1: ('uint8', 'B'), 2: ('int64', 'q'), 3: ('float16', 'e'), 4: ('bfloat16', None), 5: ('float32', 'f')}
DEVICES = {0: '', 1: ' on sim', 2: ' on cuda'}


def text_of(string):
    """The contents of a std::string."""
    data = string['_M_dataplus']['_M_p']
    return data.string('utf-8', 'replace', int(string['_M_string_length']))


def items_of(vector):
    """The elements of a std::vector."""
    at, end = vector['_M_impl']['_M_start'], vector['_M_impl']['_M_finish']
    if at.type.code == gdb.TYPE_CODE_STRUCT:  # of bool: a word and the place of a bit in it
        yield from bits_between(at, end)
        return
    while at != end:
        yield at.dereference()
        at += 1


def bits_between(at, end):
    """The bits from one _Bit_iterator to another."""
    word, place = at['_M_p'], int(at['_M_offset'])
    while (word, place) != (end['_M_p'], int(end['_M_offset'])):
        yield gdb.Value(bool(int(word.dereference()) >> place & 1))
        word, place = (word, place + 1) if place + 1 < 8 * word.dereference().type.sizeof else (word + 1, 0)


def sizes_of(shape):
    return [int(shape['sizes_'][i]) for i in range(int(shape['dims_']))]


def shape_text(sizes):
    return '(' + ', '.join(str(size) for size in sizes) + ')'


def number(data, dtype):
    """One element from its bytes."""
    code = DTYPES[dtype][1]
    if code is None:  # bfloat16 is the upper half of a float32
        return f'{struct.unpack("<f", bytes(2) + bytes(data))[0]:.4g}'
    value = struct.unpack('<' + code, data)[0]
    return f'{value:.4g}' if code in 'ef' else str(value)


class TensorPrinter:
    def __init__(self, value):
        self.impl = value['impl_']['object_']

    def to_string(self):
        if not self.impl:
            return 'Tensor, undefined'
        impl = self.impl.dereference()
        sizes, strides = sizes_of(impl['sizes']), sizes_of(impl['strides'])
        dtype, storage = int(impl['dtype']), impl['storage']['object_']
        device = int(storage['device_']['type'])
        told = f'Tensor {shape_text(sizes)} {DTYPES[dtype][0]}{DEVICES[device]}'
        if impl['node']['object_']:
            told += ', in the graph'
        if device == 2:
            return told  # its memory is on the GPU
        width = {0: 1, 1: 1, 2: 8, 3: 2, 4: 2, 5: 4}[dtype]
        base = int(storage['data_']) + int(impl['offset']) * width
        count = 1
        for size in sizes:
            count *= size
        memory = gdb.selected_inferior()

        def elements(axis, place):
            if axis == len(sizes):
                return number(bytes(memory.read_memory(base + place * width, width)), dtype)
            shown = range(sizes[axis])
            if sizes[axis] > 2 * EDGE and (count > MOST or sizes[axis] > 20):
                shown = [*range(EDGE), None, *range(sizes[axis] - EDGE, sizes[axis])]
            return '[' + ', '.join('...' if i is None else elements(axis + 1, place + i * strides[axis])
                                   for i in shown) + ']'

        try:
            return f'{told} {elements(0, 0)}'
        except gdb.MemoryError:
            return f'{told}, whose memory cannot be read'


class ShapePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return shape_text(sizes_of(self.value))


class ListPrinter:
    def __init__(self, value):
        self.items = list(items_of(value['items_']))

    def to_string(self):
        return f'(#{len(self.items)})'

    def children(self):
        return ((f'[{i}]', item) for i, item in enumerate(self.items))

    def display_hint(self):
        return 'array'


def class_of(module):
    """The name of a module's class: what its table of virtual functions belongs to."""
    table = gdb.execute(f'info symbol *(void**){int(module.address)}', to_string=True)
    name = table.split('vtable for ', 1)[-1].split(' + ')[0] if 'vtable for ' in table else 'Module'
    name = name.split('<')[0].split('::')[-1]
    return name[:-len('Module')] if name.endswith('Module') and name != 'Module' else name


def module_text(module, indent=''):
    tensors = [f'{text_of(pair["first"])} {shape_text(sizes_of(pair["second"]["impl_"]["object_"]["sizes"]))}'
               for pair in items_of(module['parameters_'])]
    children = list(items_of(module['children_']))
    lines = f'{class_of(module)}({", ".join(tensors)}'
    for pair in children:
        child = pair['second']['_M_ptr'].dereference()
        lines += f'\n{indent}  ({text_of(pair["first"])}): {module_text(child, indent + "  ")}'
    return lines + (f'\n{indent})' if children else ')')


class ModulePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return module_text(self.value)


class HandlePrinter:
    """Linear, Sequential, the other handles and a ModulePtr print what they point to."""

    def __init__(self, pointer):
        self.pointer = pointer['_M_ptr']

    def to_string(self):
        return module_text(self.pointer.dereference()) if self.pointer else 'no module'


def bases(kind):
    """A class and those that it is derived from."""
    yield kind
    if kind.code == gdb.TYPE_CODE_STRUCT:
        for field in kind.fields():
            if field.is_base_class:
                yield from bases(field.type.strip_typedefs())


def is_module(kind):
    return any(base.name == 'minitorch::nn::Module' for base in bases(kind.unqualified().strip_typedefs()))


def printer_for(value):
    if value.type.code == gdb.TYPE_CODE_REF:
        value = value.referenced_value()
    for kind in bases(value.type.unqualified().strip_typedefs()):
        name = kind.name or ''
        for start, printer in (('minitorch::Tensor', TensorPrinter), ('minitorch::Shape', ShapePrinter),
                               ('minitorch::nn::Module', ModulePrinter)):
            if name == start:
                return printer(value.cast(kind))
        if name.startswith('minitorch::nn::Handle<'):
            return HandlePrinter(value.cast(kind)['module_'])
        if name.startswith('std::shared_ptr<') and is_module(kind.template_argument(0)):
            return HandlePrinter(value.cast(kind))
        if name.startswith('fastcore::L<'):
            return ListPrinter(value.cast(kind))
    return None


def first_in(objfile):
    objfile.pretty_printers.insert(0, printer_for)


# gdb asks the program's own printers first, and then those of libstdc++, which would show a ModulePtr as an address.
gdb.pretty_printers.insert(0, printer_for)
for program in gdb.objfiles():
    first_in(program)
gdb.events.new_objfile.connect(lambda event: first_in(event.new_objfile))
