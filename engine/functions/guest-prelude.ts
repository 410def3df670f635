/**
 * What runs in a file's own engine before the file does. It is text because it runs in there: nothing of the outside is
 * within reach, and only numbers, truth values and texts cross. So values are made here, and a file that meddles with
 * this meddles with itself.
 *
 * `declare(exports, file)` checks what a file exports and gives its declarations in JSON; `bind(text)` gives the
 * function that carries calls out, for a method and the types of its arguments; `describe(error)` gives the message and
 * the stack of what was thrown in JSON.
 */
export const GUEST_PRELUDE = String.raw`'use strict';
(() => {
  const { parse, stringify } = JSON;
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

  /** What makes an argument of the cell that comes in; undefined where it is one already. */
  function decoderOf(type) {
    switch (type.kind) {
      case 'BIGINT': return (cell) => (typeof cell === 'string' ? BigInt(cell) : cell);
      case 'BYTES':
      case 'ARRAY':
      case 'MAP':
      case 'STRUCT': return (cell) => toJs(parse(cell), type);
      default: return undefined;
    }
  }

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

  /** What makes a cell of a result. */
  function encoderOf(type) {
    switch (type.kind) {
      case 'DOUBLE': return (value) => (typeof value === 'number' ? value : toJson(value, type));
      case 'STRING': return (value) => (typeof value === 'string' ? value : toJson(value, type));
      case 'BYTES':
      case 'ARRAY':
      case 'MAP':
      case 'STRUCT':
        return (value) => (value === null || value === undefined ? null : stringify(toJson(value, type)));
      default: return (value) => toJson(value, type);
    }
  }

  function wrong(value, type) {
    const what = Array.isArray(value) ? 'an array' : value instanceof Map ? 'a Map'
      : value instanceof Promise ? 'a promise (a function answers at once; it cannot be async)' : 'a value of type ' + typeof value;
    return fail('it gave ' + what + ' where ' + type.kind + ' is declared.');
  }

  function toJson(value, type) {
    if (value === null || value === undefined) return null;
    switch (type.kind) {
      case 'INTEGER':
      case 'DATE':
      case 'TIME':
      case 'TIMESTAMP': return Number.isInteger(value) ? value : wrong(value, type);
      case 'BOOLEAN': return typeof value === 'boolean' ? value : wrong(value, type);
      case 'STRING': return typeof value === 'string' ? value : wrong(value, type);
      case 'BIGINT':
        if (typeof value === 'bigint') return String(value);
        return Number.isInteger(value) ? (Number.isSafeInteger(value) ? value : String(BigInt(value))) : wrong(value, type);
      case 'DOUBLE':
        if (typeof value !== 'number') return wrong(value, type);
        return Number.isFinite(value) ? value : String(value);
      case 'DECIMAL': {
        const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
        return typeof text === 'string' && /^[+-]?\d+(\.\d+)?$/.test(text) ? text : wrong(value, type);
      }
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

  function messageOf(error) {
    try {
      return String(error instanceof Error ? error.message : error);
    } catch {
      return 'it threw something that is no error.';
    }
  }

  return {
    declare: (exports, file) => stringify(Object.keys(exports).map((name) => declareOne(exports[name], name, file)).filter(Boolean)),
    bind: (text) => {
      const { name, overload, method, argTypes, returns } = parse(text);
      const target = functions.get(name)[overload];
      const decoders = argTypes.map(decoderOf);
      const isPlain = decoders.every((decode) => decode === undefined);
      const encode = encoderOf(returns);
      return (...cells) => {
        try {
          const args = isPlain ? cells : cells.map((cell, i) => (cell === null ? null : (decoders[i]?.(cell) ?? cell)));
          return encode(target[method](...args));
        } catch (error) {
          throw messageOf(error);
        }
      };
    },
    describe: (error) => {
      let stack;
      try { stack = String(error.stack); } catch { stack = ''; }
      return stringify({ message: messageOf(error), stack });
    },
  };
})();
`;
