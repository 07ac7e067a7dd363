#include "xmlrpc/doc_assets.hpp"

namespace socketserver::xmlrpc {

const std::string_view kDocStyle = R"css(
:root{color-scheme:light dark;--text:#1d2329;--soft:#5b6670;--line:#d9dee3;--panel:#f4f6f8;--page:#fff;--link:#0b5fad;--type:#7a3e9d;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--text:#e3e7eb;--soft:#9aa5b0;--line:#363d45;--panel:#1f242a;--page:#15191d;--link:#7ab8f5;--type:#cf9fe8;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--page);color:var(--text);font:1rem/1.55 system-ui,sans-serif}
a{color:var(--link)}
h1{margin:0 0 .5rem;font-size:1.75rem;overflow-wrap:anywhere}
.doc{margin:.25rem 0 .75rem;max-width:48rem;white-space:pre-wrap;overflow-wrap:anywhere}
.columns{display:grid;grid-template-columns:minmax(9rem,16rem) minmax(0,1fr);gap:2rem;margin-top:1.5rem}
nav ul{position:sticky;top:1rem;max-height:calc(100vh - 2rem);overflow:auto;margin:0;padding:0;list-style:none}
nav a{display:block;padding:.15rem 0;text-decoration:none;overflow-wrap:anywhere}
section{border-top:1px solid var(--line);padding:1rem 0}
section:first-child{border-top:0;padding-top:0}
section:target h2{text-decoration:underline}
h2{margin:0;font:600 1.05rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
h2 a{color:inherit;text-decoration:none}
h2 .rest{font-weight:400}
.type{color:var(--type)}
details{margin-top:.5rem}
summary{color:var(--soft);cursor:pointer}
form{display:flex;flex-wrap:wrap;align-items:end;gap:.75rem;margin-top:.5rem;padding:.75rem;border-radius:.4rem;background:var(--panel)}
label{display:flex;flex-direction:column;flex:1 1 10rem;max-width:24rem;font-size:.875rem}
input,select,textarea,button{font:inherit;padding:.3rem .5rem;border:1px solid var(--line);border-radius:.3rem;background:var(--page);color:inherit}
textarea{font-family:ui-monospace,monospace}
button{cursor:pointer;padding:.3rem 1rem}
output{flex:1 0 100%;margin:0;font:.875rem/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
output:empty{display:none}
output.bad{color:var(--bad)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
@media (max-width:44rem){.columns{grid-template-columns:minmax(0,1fr);gap:1rem}nav ul{position:static;display:flex;flex-wrap:wrap;gap:0 1rem;max-height:none}}
)css";

const std::string_view kDocScript = R"js(
"use strict";
(() => {
  const here = location.href.split("#")[0];

  function element(name, ...children) {
    const made = message.createElement(name);
    made.append(...children);
    return made;
  }

  const message = document.implementation.createDocument(null, null);

  function number(n) {
    if (!Number.isSafeInteger(n)) return element("double", String(n));
    return element(Math.abs(n) < 2147483648 ? "int" : "i8", String(n));
  }

  // The element of a value of JSON.
  function write(value) {
    if (value === null) return element("nil");
    if (typeof value === "boolean") return element("boolean", value ? "1" : "0");
    if (typeof value === "number") return number(value);
    if (typeof value === "string") return element("string", value);
    if (Array.isArray(value)) {
      return element("array", element("data", ...value.map(v => element("value", write(v)))));
    }
    return element("struct", ...Object.entries(value).map(([name, v]) =>
      element("member", element("name", name), element("value", write(v)))));
  }

  // The element of what was typed for a parameter of that type.
  function writeTyped(type, text) {
    switch (type) {
      case "string": return element("string", text);
      case "base64": return element("base64", text);
      case "dateTime.iso8601": return element("dateTime.iso8601", text);
      case "double": return element("double", text.trim());
      case "int": case "i8": return element(type, text.trim());
      case "boolean": return element("boolean", text);
      default: return write(JSON.parse(text));
    }
  }

  // The value that a <value> stands for, as JSON shows it.
  function read(value) {
    const typed = value.firstElementChild;
    if (!typed) return value.textContent;
    const text = typed.textContent;
    switch (typed.localName) {
      case "nil": return null;
      case "boolean": return text === "1";
      case "int": case "i4": case "i8": case "double": {
        const n = Number(text);
        return Number.isFinite(n) && (!Number.isInteger(n) || Number.isSafeInteger(n)) ? n : text;
      }
      case "array": return [...typed.firstElementChild.children].map(read);
      case "struct": {
        const members = Object.create(null);
        for (const member of typed.children) {
          members[member.children[0].textContent] = read(member.children[1]);
        }
        return members;
      }
      default: return text;
    }
  }

  async function call(method, params) {
    const root = element("methodCall", element("methodName", method),
                         element("params", ...params.map(p => element("param", element("value", p)))));
    const answer = await fetch(here, {
      method: "POST",
      headers: {"Content-Type": "text/xml"},
      body: new XMLSerializer().serializeToString(root),
    });
    if (!answer.ok) throw new Error(answer.status + " " + answer.statusText);
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/xml");
    const value = parsed.querySelector("methodResponse > params > param > value");
    if (value) return read(value);
    const fault = parsed.querySelector("methodResponse > fault > value");
    if (!fault) throw new Error("The answer is no XML-RPC");
    const {faultCode, faultString} = read(fault);
    throw new Error("Fault " + faultCode + ": " + faultString);
  }

  function parameters(form) {
    const fields = [...form.querySelectorAll("[data-type]")];
    while (fields.length && fields.at(-1).dataset.optional && fields.at(-1).value === "") fields.pop();
    if (form.dataset.all) return JSON.parse("[" + fields[0].value + "]").map(write);
    return fields.map(field => {
      try {
        return writeTyped(field.dataset.type, field.value);
      } catch {
        throw new Error(field.dataset.name + ": no JSON");
      }
    });
  }

  for (const details of document.querySelectorAll("details")) details.hidden = false;
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const output = form.querySelector("output");
      const button = form.querySelector("button");
      button.disabled = true;
      output.className = "";
      output.textContent = "…";
      try {
        output.textContent = JSON.stringify(await call(form.dataset.method, parameters(form)), null, 2);
      } catch (error) {
        output.className = "bad";
        output.textContent = error.message;
      }
      button.disabled = false;
    });
  }
})();
)js";

const std::string_view kDocPolicy =
    "default-src 'none'; style-src 'sha256-46CPB7O0/TIGQJLjjS9dR9YLiWf75vWRzgvcuySnSsw='; "
    "script-src 'sha256-flUYQbNh3U8vak2trRpgjwG3vzsChQMLkSFQAQ3fSos='; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace socketserver::xmlrpc
