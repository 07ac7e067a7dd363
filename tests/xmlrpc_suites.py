"""What servers with validator1 and interopEchoTests must answer, as CPython's client asks."""

import datetime
import xmlrpc.client

WHEN = datetime.datetime(1998, 7, 17, 14, 8, 55)
STOOGES = {"moe": 1, "larry": 2, "curly": 3}
RAW = b"\x00\xff<&>"

VALIDATOR1 = (
    ("easyStructTest", (STOOGES,), 6),
    ("arrayOfStructsTest", ([STOOGES, STOOGES],), 6),
    ("countTheEntities", ("<<>&'\"\"\"",),
     {"ctLeftAngleBrackets": 2, "ctRightAngleBrackets": 1, "ctAmpersands": 1, "ctApostrophes": 1,
      "ctQuotes": 3}),
    ("echoStructTest", ({"a": STOOGES, "b": [1]},), {"a": STOOGES, "b": [1]}),
    ("manyTypesTest", (1, True, "s", 2.5, WHEN, RAW), [1, True, "s", 2.5, WHEN, RAW]),
    ("moderateSizeArrayCheck", ([f"word {i}" for i in range(150)],), "word 0word 149"),
    ("nestedStructTest", ({"1999": {}, "2000": {"04": {"01": STOOGES}}},), 6),
    ("simpleStructReturnTest", (3,), {"times10": 30, "times100": 300, "times1000": 3000}),
)

INTEROP = tuple((name, (value,), value) for name, value in (
    ("echoString", "\u00e4 <&>"), ("echoStringArray", ["a", ""]), ("echoInteger", -5),
    ("echoIntegerArray", [1, 2]), ("echoFloat", -1.5), ("echoFloatArray", [0.5, 2.0]),
    ("echoStruct", {"x": [1, "y"]}), ("echoStructArray", [{"a": 1}, {}]),
    ("echoValue", [True, {"b": "c"}]), ("echoBase64", RAW), ("echoDate", WHEN)))


def check(test, proxy: xmlrpc.client.ServerProxy, prefix: str) -> None:
    """`proxy` must use builtin types."""
    suite = VALIDATOR1 if prefix == "validator1" else INTEROP
    for name, arguments, result in suite:
        with test.subTest(f"{prefix}.{name}"):
            answer = getattr(proxy, f"{prefix}.{name}")(*arguments)
            test.assertEqual((answer, type(answer)), (result, type(result)))
    listed = {name for name in proxy.system.listMethods() if name.startswith(prefix)}
    if prefix == "validator1":
        test.assertEqual(len(listed), 8)
        return
    test.assertEqual(len(listed), 12)
    toolkit = proxy.interopEchoTests.whichToolkit()
    test.assertEqual((toolkit["toolkitName"], set(toolkit)),
                     ("socketserver", {f"toolkit{part}" for part in (
                         "Name", "Version", "DocsUrl", "OperatingSystem")}))
