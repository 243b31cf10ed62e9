"""Emits the functions that read, measure and write one struct. Every function is plain straight code: a condition per
version range, a loop per array, no call through a pointer."""

from __future__ import annotations

import cpp_types as cpp
from model import SCALAR_SIZES, Field, Message, Struct, Versions


class Lines:
    def __init__(self) -> None:
        self.text: list[str] = []
        self.depth = 0

    def add(self, line: str) -> None:
        self.text.append("  " * self.depth + line if line else "")

    def open(self, line: str) -> None:
        self.add(line)
        self.depth += 1

    def close(self, line: str = "}") -> None:
        self.depth -= 1
        self.add(line)


class Codec:
    """The code of one struct of one message."""

    def __init__(self, message: Message, struct: Struct):
        self.message = message
        self.struct = struct
        self.possible = struct.versions.within(message.versions)
        self.type = message.name if struct is message.body else f"{message.name}::{struct.name}"
        self.flexible = message.flexible.condition(self.possible)
        self.tagged = sorted((f for f in struct.fields if f.tag is not None), key=lambda f: f.tag)

    # -- pieces ------------------------------------------------------------------------------------------------------

    def form_line(self, out: Lines) -> None:
        used = any(f.is_array or f.type in cpp.VARIABLES for f in self.struct.fields)
        if not used:
            return
        if self.flexible == "false":
            out.add("[[maybe_unused]] constexpr wire::Form form = wire::Form::classic;")
        elif self.flexible is None:
            out.add("[[maybe_unused]] constexpr wire::Form form = wire::Form::compact;")
        else:
            out.add("[[maybe_unused]] const wire::Form form = "
                    f"{self.flexible} ? wire::Form::compact : wire::Form::classic;")

    def form(self, field: Field) -> str:
        return "wire::Form::classic" if field.never_compact else "form"

    def guarded(self, out: Lines, versions: Versions, emit) -> None:
        """Calls emit inside the condition that the version is one of `versions`."""
        condition = versions.condition(self.possible)
        if condition == "false":
            return
        if condition is None:
            emit()
            return
        out.open(f"if ({condition}) {{")
        emit()
        out.close()

    def nullability(self, field: Field, present: Versions) -> str | None:
        """Condition that null is allowed, given presence: None always, "false" never."""
        return field.nullable.condition(present.within(self.possible))

    # -- reading -----------------------------------------------------------------------------------------------------

    def read_function(self, out: Lines) -> None:
        out.open(f"void read([[maybe_unused]] wire::Reader& reader, [[maybe_unused]] std::int16_t version, "
                 f"[[maybe_unused]] {self.type}& value) {{")
        self.form_line(out)
        for field in self.struct.fields:
            self.guarded(out, field.untagged, lambda: self.read_field(out, field, field.untagged, "reader"))
        self.read_tags(out)
        out.close()
        out.add("")

    def read_tags(self, out: Lines) -> None:
        if self.flexible == "false":
            return
        if self.flexible is not None:
            out.open(f"if ({self.flexible}) {{")
        if not self.tagged:
            out.add("reader.skip_tags();")
        else:
            out.add("wire::TagCursor tags(reader);")
            out.open("while (tags.next()) {")
            out.add("wire::Reader& field = tags.field();")
            out.open("switch (tags.tag()) {")
            for field in self.tagged:
                out.open(f"case {field.tag}:")
                condition = field.tagged.condition(self.possible.within(self.message.flexible))
                if condition is not None:
                    out.add(f'if (!({condition})) field.fail("tagged field is not of this version");')
                self.read_field(out, field, field.tagged, "field")
                out.add("tags.finish_field();")
                out.add("break;")
                out.depth -= 1
            out.open("default:")
            out.add("break;")
            out.depth -= 1
            out.close()
            out.close()
        if self.flexible is not None:
            out.close()

    def read_field(self, out: Lines, field: Field, present: Versions, reader: str) -> None:
        name = "value." + cpp.member(field)
        nullable = self.nullability(field, present)
        if field.is_scalar:
            out.add(f"{name} = {reader}.{cpp.call(field.type)}();")
        elif nullable not in (None, "false"):
            out.open(f"if ({nullable}) {{")
            self.read_variable(out, field, name, reader, "nullable")
            out.close()
            out.open("else {")
            self.read_variable(out, field, name, reader, "required")
            out.close()
        else:
            self.read_variable(out, field, name, reader, "nullable" if nullable is None else "required")

    def read_variable(self, out: Lines, field: Field, name: str, reader: str, need: str) -> None:
        form = self.form(field)
        if field.is_array:
            self.read_array(out, field, name, reader, need)
        elif field.is_struct:
            target = f"{name}.emplace()" if cpp.optional(self.message, field) else name
            if need == "required":
                out.add(f"read({reader}, version, {target});")
                return
            marker = f"{reader}.uvarint() != 0" if reader == "field" else f"{reader}.present()"
            out.open(f"if ({marker}) {{")
            out.add(f"read({reader}, version, {target});")
            out.close("} else {")
            out.depth += 1
            out.add(f"{name}.reset();")
            out.close()
        else:
            prefix = "nullable_" if need == "nullable" else ""
            out.add(f"{name} = {reader}.{prefix}{cpp.call(field.type)}({form});")

    def read_array(self, out: Lines, field: Field, name: str, reader: str, need: str) -> None:
        form = self.form(field)
        element = f"{{{cpp.minimal_size(self.message, field)}, sizeof({cpp.scope(self.message, field)})}}"
        target = f"{name}.emplace()" if cpp.optional(self.message, field) else name
        if need == "nullable":
            out.open(f"if (const auto count = {reader}.nullable_count({form}, {element})) {{")
            amount = "*count"
        else:
            out.open("{")
            out.add(f"const std::size_t count = {reader}.count({form}, {element});")
            amount = "count"
        out.add(f"auto& list = {target};")
        if target == name:
            out.add("list.clear();")
        out.add(f"list.reserve({amount});")
        loop = f"for (std::size_t i = 0; i < {amount} && {reader}.ok(); ++i) "
        if field.struct is not None:
            out.add(f"{loop}read({reader}, version, list.emplace_back());")
        else:
            argument = form if field.type in cpp.VARIABLES else ""
            out.add(f"{loop}list.push_back({reader}.{cpp.call(field.type)}({argument}));")
        if need == "nullable":
            out.close("} else {")
            out.depth += 1
            out.add(f"{name}.reset();")
        out.close()

    # -- measuring ---------------------------------------------------------------------------------------------------

    def measure_function(self, out: Lines) -> None:
        out.open(f"std::size_t measure([[maybe_unused]] const {self.type}& value, "
                 "[[maybe_unused]] std::int16_t version) {")
        self.form_line(out)
        fixed = sum(SCALAR_SIZES[f.type] for f in self.struct.fields
                    if f.is_scalar and f.untagged.condition(self.possible) is None)
        out.add(f"std::size_t size = {fixed};")
        for field in self.struct.fields:
            if field.is_scalar and field.untagged.condition(self.possible) is None:
                continue
            self.guarded(out, field.untagged, lambda: self.measure_field(out, field, field.untagged))
        self.measure_tags(out)
        out.add("return size;")
        out.close()
        out.add("")

    def measure_tags(self, out: Lines) -> None:
        if self.flexible == "false":
            return
        if self.flexible is not None:
            out.open(f"if ({self.flexible}) {{")
        if not self.tagged:
            out.add("size += 1;")
        else:
            out.add("std::uint32_t tags = 0;")
            out.add("const std::size_t untagged = size;")
            out.add("std::size_t tagged = 0;")
            for field in self.tagged:
                out.open(f"if ({self.tag_condition(field)}) {{")
                out.add("++tags;")
                out.add("size = 0;")
                self.measure_field(out, field, field.tagged)
                out.add(f"tagged += wire::size_of_uvarint({field.tag}) + "
                        "wire::size_of_uvarint(static_cast<std::uint32_t>(size)) + size;")
                out.close()
            out.add("size = untagged + tagged + wire::size_of_uvarint(tags);")
        if self.flexible is not None:
            out.close()

    def tag_condition(self, field: Field) -> str:
        condition = field.tagged.condition(self.possible.within(self.message.flexible))
        differs = cpp.differs_from_default(self.message, field)
        return differs if condition is None else f"{condition} && {differs}"

    def measure_field(self, out: Lines, field: Field, present: Versions) -> None:
        name = "value." + cpp.member(field)
        form = self.form(field)
        if field.is_scalar:
            out.add(f"size += {SCALAR_SIZES[field.type]};")
        elif not field.is_array and not field.is_struct:
            out.add(f"size += wire::size_of({self.spelled(field, name, present)}, {form});")
        elif not cpp.optional(self.message, field):
            self.measure_compound(out, field, name, form)
        else:
            null_size = f"wire::size_of_null_count({form})" if field.is_array else "1"
            marker = None if field.is_array else self.nullability(field, present)
            out.open(f"if ({name}) {{")
            if marker is None and field.is_struct:
                out.add("size += 1;")
            elif marker not in (None, "false"):
                out.add(f"if ({marker}) size += 1;")
            self.measure_compound(out, field, f"(*{name})", form)
            out.close("} else {")
            out.depth += 1
            self.null_or_empty(out, field, present, f"size += {null_size};",
                               lambda: self.measure_compound(out, field, self.blank(field), form))
            out.close()

    def measure_compound(self, out: Lines, field: Field, name: str, form: str) -> None:
        if field.is_struct:
            out.add(f"size += measure({name}, version);")
            return
        if name.endswith("()"):
            out.add(f"size += wire::size_of_count(0, {form});")
            return
        out.add(f"size += wire::size_of_count({name}.size(), {form});")
        if field.type in SCALAR_SIZES:
            out.add(f"size += {name}.size() * {SCALAR_SIZES[field.type]};")
        elif field.struct is not None:
            out.add(f"for (const auto& element : {name}) size += measure(element, version);")
        else:
            out.add(f"for (const auto& element : {name}) size += wire::size_of(element, {form});")

    # -- writing -----------------------------------------------------------------------------------------------------

    def write_function(self, out: Lines) -> None:
        out.open(f"void write([[maybe_unused]] wire::Writer& writer, [[maybe_unused]] const {self.type}& value, "
                 "[[maybe_unused]] std::int16_t version) {")
        self.form_line(out)
        for field in self.struct.fields:
            self.guarded(out, field.untagged, lambda: self.write_field(out, field, field.untagged, "line"))
        self.write_tags(out)
        out.close()
        out.add("")

    def write_tags(self, out: Lines) -> None:
        if self.flexible == "false":
            return
        if self.flexible is not None:
            out.open(f"if ({self.flexible}) {{")
        if not self.tagged:
            out.add("writer.uvarint(0);")
        else:
            out.add("std::uint32_t tags = 0;")
            for field in self.tagged:
                out.add(f"if ({self.tag_condition(field)}) ++tags;")
            out.add("writer.uvarint(tags);")
            for field in self.tagged:
                out.open(f"if ({self.tag_condition(field)}) {{")
                out.add("std::size_t size = 0;")
                self.measure_field(out, field, field.tagged)
                out.add(f"writer.uvarint({field.tag});")
                out.add("writer.uvarint(static_cast<std::uint32_t>(size));")
                self.write_field(out, field, field.tagged, "tag")
                out.close()
        if self.flexible is not None:
            out.close()

    def write_field(self, out: Lines, field: Field, present: Versions, place: str) -> None:
        name = "value." + cpp.member(field)
        form = self.form(field)
        if field.is_scalar:
            out.add(f"writer.{cpp.call(field.type)}({name});")
        elif not field.is_array and not field.is_struct:
            out.add(f"writer.{cpp.call(field.type)}({self.spelled(field, name, present)}, {form});")
        elif not cpp.optional(self.message, field):
            self.write_compound(out, field, name, form)
        else:
            self.write_optional(out, field, present, place)

    def write_optional(self, out: Lines, field: Field, present: Versions, place: str) -> None:
        name = "value." + cpp.member(field)
        form = self.form(field)
        mark = "writer.uvarint(1);" if place == "tag" else "writer.i8(1);"
        null_mark = "writer.uvarint(0);" if place == "tag" else "writer.i8(-1);"
        out.open(f"if ({name}) {{")
        if field.is_struct:
            marker = self.nullability(field, present)
            if marker is None:
                out.add(mark)
            elif marker != "false":
                out.add(f"if ({marker}) {mark}")
        self.write_compound(out, field, f"(*{name})", form)
        out.close("} else {")
        out.depth += 1
        null_line = f"writer.null_count({form});" if field.is_array else null_mark
        self.null_or_empty(out, field, present, null_line,
                           lambda: self.write_compound(out, field, self.blank(field), form))
        out.close()

    def write_compound(self, out: Lines, field: Field, name: str, form: str) -> None:
        if field.is_struct:
            out.add(f"write(writer, {name}, version);")
            return
        if name.endswith("()"):
            out.add(f"writer.count(0, {form});")
            return
        out.add(f"writer.count({name}.size(), {form});")
        if field.struct is not None:
            out.add(f"for (const auto& element : {name}) write(writer, element, version);")
        elif field.type in SCALAR_SIZES:
            out.add(f"for (const auto& element : {name}) writer.{cpp.call(field.type)}(element);")
        else:
            out.add(f"for (const auto& element : {name}) writer.{cpp.call(field.type)}(element, {form});")

    # -- null where the version has no null: written as empty ----------------------------------------------------------

    def blank(self, field: Field) -> str:
        return f"{cpp.scope(self.message, field)}()"

    def null_or_empty(self, out: Lines, field: Field, present: Versions, null_line: str, empty) -> None:
        nullable = self.nullability(field, present)
        if nullable is None:
            out.add(null_line)
        elif nullable == "false":
            empty()
        else:
            out.open(f"if ({nullable}) {{")
            out.add(null_line)
            out.close("} else {")
            out.depth += 1
            empty()
            out.close()

    def spelled(self, field: Field, name: str, present: Versions) -> str:
        """The expression of a string, bytes or records value as this version can carry it."""
        if not cpp.optional(self.message, field):
            return name
        nullable = self.nullability(field, present)
        if nullable is None:
            return name
        blank = f"std::optional({cpp.element_type(field)}())"
        without_null = f"({name} ? {name} : {blank})"
        if nullable == "false":
            return without_null
        return f"({nullable} ? {name} : {without_null})"

    # -- can this version carry the value? -----------------------------------------------------------------------------

    def fits_function(self, out: Lines) -> None:
        out.open(f"bool fits([[maybe_unused]] const {self.type}& value, [[maybe_unused]] std::int16_t version) {{")
        for field in self.struct.fields:
            self.fits_field(out, field)
        out.add("return true;")
        out.close()
        out.add("")

    def fits_field(self, out: Lines, field: Field) -> None:
        name = "value." + cpp.member(field)
        present = field.versions.condition(self.possible)
        if present is not None and not field.ignorable:
            absent = "" if present == "false" else f"!({present}) && "
            out.add(f"if ({absent}{cpp.differs_from_default(self.message, field)}) return false;")
        if present == "false":
            return
        guard = "" if present is None else f"{present} && "
        is_optional = cpp.optional(self.message, field)
        nullable = self.nullability(field, field.versions)
        if is_optional and nullable is not None:
            forbidden = "" if nullable == "false" else f"!({nullable}) && "
            out.add(f"if ({guard}{forbidden}!{name}) return false;")
        inner = f"(*{name})" if is_optional else name
        has = f"{guard}{name}.has_value()" if is_optional else guard.removesuffix(" && ")
        if not field.is_array and field.type == "string":
            test = f"{inner}.size() > wire::text_size_max"
            out.add(f"if ({has + ' && ' if has else ''}{test}) return false;")
        elif field.struct is not None:
            if field.is_array:
                out.open(f"for (const auto& element : {inner}) {{" if not has else f"if ({has}) {{")
                if has:
                    out.add(f"for (const auto& element : {inner}) if (!fits(element, version)) return false;")
                else:
                    out.add("if (!fits(element, version)) return false;")
                out.close()
            else:
                out.add(f"if ({has + ' && ' if has else ''}!fits({inner}, version)) return false;")
