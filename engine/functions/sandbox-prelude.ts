/**
 * What runs inside a function's own world, before its file does. It is text because nothing of the outside may be reachable from
 * there: an object of the outside would lead back to it by its constructor. Only texts go in and out; so values are made here.
 *
 * `declare(exports, file)` checks what a file exports and gives its declarations; `call(text)` carries a call out. Both answer in JSON.
 */
export const SANDBOX_PRELUDE = String.raw`'use strict';
(() => {
  const functions = new Map();
  const METHODS = { scalar: ['evaluate'], table: ['rows'], aggregate: ['initialize', 'add', 'merge', 'result'] };

  const fail = (message) => { throw new TypeError(message); };
  const textOf = (value, what) => typeof value === 'string' && value.trim() !== '' ? value : fail(what + ' must be a text.');

  function parametersOf(parameters, name) {
    if (parameters === null || typeof parameters !== 'object' || Array.isArray(parameters))
      fail(name + ": parameters must be an object of names and types, such as { reading: 'DOUBLE' }.");
    const entries = Object.entries(parameters);
    return entries.map(([parameter, declared], i) => {
      const type = textOf(declared, name + ': the type of ' + parameter);
      const variadic = type.endsWith('...');
      if (variadic && i < entries.length - 1) fail(name + ': only the last parameter can be variadic (' + parameter + ').');
      return variadic ? { name: parameter, type: type.slice(0, -3).trim(), variadic } : { name: parameter, type };
    });
  }

  function overloadOf(overload, kind, name) {
    for (const method of METHODS[kind])
      if (typeof overload[method] !== 'function') fail(name + ': a ' + kind + ' function needs ' + method + '().');
    const declared = { parameters: parametersOf(overload.parameters, name), returns: textOf(overload.returns, name + ': returns') };
    if (overload.nullable === true) declared.nullable = true;
    if (kind === 'aggregate') {
      declared.state = textOf(overload.state, name + ': state');
      declared.undoable = typeof overload.remove === 'function';
    }
    return declared;
  }

  function declareOne(declaration, exported, file) {
    if (declaration === null || typeof declaration !== 'object') return undefined;
    const name = (declaration.name ?? (exported === 'default' ? undefined : exported)) ?? fail('the default export needs a name.');
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) fail(name + ' is no name of a function.');
    const kind = declaration.kind ?? 'scalar';
    if (!Object.hasOwn(METHODS, kind)) fail(name + ": kind must be 'scalar', 'aggregate' or 'table'.");
    const overloads = declaration.overloads ?? [declaration];
    if (!Array.isArray(overloads) || overloads.length === 0) fail(name + ': overloads must be a list.');
    const upper = name.toUpperCase();
    const result = { kind, name: upper, file, summary: String(declaration.summary ?? 'A function of ' + file + '.'),
      overloads: overloads.map((overload) => overloadOf(overload, kind, name)) };
    if (declaration.details !== undefined) result.details = String(declaration.details);
    if (functions.has(upper)) fail(name + ' is declared twice.');
    functions.set(upper, overloads);
    return result;
  }

  const NUMBERS = new Set(['INTEGER', 'DATE', 'TIME', 'TIMESTAMP']);

  function toJs(value, type) {
    if (value === null) return null;
    switch (type.kind) {
      case 'BIGINT': return typeof value === 'string' ? BigInt(value) : value;
      case 'DOUBLE': return Number(value);
      case 'BYTES': return Uint8Array.from(value);
      case 'ARRAY': return value.map((element) => toJs(element, type.element));
      case 'MAP': return new Map(value.map(([key, each]) => [toJs(key, type.key), toJs(each, type.value)]));
      case 'STRUCT': return Object.fromEntries(type.fields.map((field, i) => [field.name, toJs(value[i], field.type)]));
      default: return value;
    }
  }

  function wrong(value, type) {
    const what = Array.isArray(value) ? 'an array' : value instanceof Map ? 'a Map' : 'a value of type ' + typeof value;
    return fail('it gave ' + what + ' where ' + type.kind + ' is declared.');
  }

  function toJson(value, type) {
    if (value === null || value === undefined) return null;
    if (NUMBERS.has(type.kind)) return Number.isInteger(value) ? value : wrong(value, type);
    switch (type.kind) {
      case 'BOOLEAN': return typeof value === 'boolean' ? value : wrong(value, type);
      case 'STRING': return typeof value === 'string' ? value : wrong(value, type);
      case 'BIGINT':
        if (typeof value === 'bigint') return String(value);
        return Number.isInteger(value) ? (Number.isSafeInteger(value) ? value : String(BigInt(value))) : wrong(value, type);
      case 'DOUBLE':
        if (typeof value !== 'number') return wrong(value, type);
        return Number.isFinite(value) ? value : String(value);
      case 'DECIMAL':
        return /^[+-]?\d+(\.\d+)?$/.test(String(value)) ? String(value) : wrong(value, type);
      case 'BYTES': return value instanceof Uint8Array ? Array.from(value) : wrong(value, type);
      case 'ARRAY': return Array.isArray(value) ? value.map((element) => toJson(element, type.element)) : wrong(value, type);
      case 'MAP': {
        if (typeof value !== 'object') return wrong(value, type);
        const entries = value instanceof Map ? [...value] : Object.entries(value);
        return entries.map(([key, each]) => [toJson(key, type.key), toJson(each, type.value)]);
      }
      case 'STRUCT':
        if (typeof value !== 'object') return wrong(value, type);
        return type.fields.map((field) => toJson(value[field.name] ?? value[field.name.toLowerCase()], field.type));
      default: return wrong(value, type);
    }
  }

  const answer = (run) => {
    try {
      return JSON.stringify({ value: run() });
    } catch (error) {
      let message = 'it threw something that is no error.';
      try { message = String(error instanceof Error ? error.message : error); } catch {}
      return JSON.stringify({ error: message });
    }
  };

  globalThis.__ksql = {
    declare: (exports, file) => answer(() => Object.keys(exports).map((name) => declareOne(exports[name], name, file)).filter(Boolean)),
    call: (text) => answer(() => {
      const { name, overload, method, args, argTypes, returns } = JSON.parse(text);
      const target = functions.get(name)[overload];
      return toJson(target[method](...args.map((arg, i) => toJs(arg, argTypes[i]))), returns);
    }),
  };
})();
`;
