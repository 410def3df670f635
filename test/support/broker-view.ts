import type { Broker } from '../../engine/broker/broker.ts';

/** A broker as one of several engines has it: what is closed with the engine is the view alone. */
export function brokerView<B extends Broker>(broker: B): B {
  return new Proxy(broker, {
    get(target, name) {
      if (name === 'close') return () => Promise.resolve();
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
