import { describe, expect, test } from 'vitest';
import {
  resolveCached,
  resolveSchema,
  type SchemaRegistry,
} from '../../../../engine/serde/registry/schema-registry.ts';

const record = (...fields: readonly (readonly [string, unknown])[]) =>
  JSON.stringify({ type: 'record', name: 'Row', fields: fields.map(([name, type]) => ({ name, type })) });

/** What every registry has to do. Subjects are new with every run, so that a shared registry can be tested. */
export function registryContract(name: string, open: () => Promise<SchemaRegistry>): void {
  const subject = (label: string) => `${label}-${Date.now()}-${Math.random().toString(36).slice(2)}-value`;

  describe(name, () => {
    test('gives versions and ids', async () => {
      const registry = await open();
      const topic = subject('versions');
      expect(await registry.latest(topic)).toBeUndefined();
      expect(await registry.versions(topic)).toEqual([]);
      const first = await registry.register(topic, { type: 'AVRO', schema: record(['a', 'int']) });
      const again = await registry.register(topic, { type: 'AVRO', schema: record(['a', 'int']) });
      expect(again).toBe(first);
      const wider = JSON.stringify({ ...JSON.parse(record(['a', 'int'])), doc: 'second' });
      const second = await registry.register(topic, { type: 'AVRO', schema: wider });
      expect(second).not.toBe(first);
      expect(await registry.versions(topic)).toEqual([1, 2]);
      expect(await registry.latest(topic)).toMatchObject({
        subject: topic,
        id: second,
        version: 2,
        type: 'AVRO',
        references: [],
      });
      expect(await registry.version(topic, 1)).toMatchObject({ id: first });
      expect(await registry.version(topic, 3)).toBeUndefined();
      expect(JSON.parse((await registry.byId(first))!.schema)).toMatchObject({ name: 'Row' });
      expect(registry.cachedById(first)).toMatchObject({ id: first });
      expect(await registry.subjects()).toContain(topic);
      expect(await registry.deleteSubject(topic)).toEqual([1, 2]);
      expect(await registry.latest(topic)).toBeUndefined();
      await expect(registry.deleteSubject(topic)).rejects.toThrow('not found');
    });

    test('refuses what could not read the earlier data', async () => {
      const registry = await open();
      const topic = subject('compatibility');
      await registry.register(topic, { type: 'AVRO', schema: record(['a', 'int']) });
      const other = { type: 'AVRO', schema: record(['a', 'string']) } as const;
      expect(await registry.isCompatible(topic, other)).toBe(false);
      expect(await registry.isCompatible(topic, { type: 'AVRO', schema: record(['a', 'long']) })).toBe(true);
      await expect(registry.register(topic, other)).rejects.toMatchObject({ code: 409 });
    });

    test('follows references', async () => {
      const registry = await open();
      const [event, log] = [subject('event'), subject('log')];
      await registry.register(event, { type: 'PROTOBUF', schema: 'syntax = "proto3"; message Event { int64 t = 1; }' });
      const schema = 'syntax = "proto3"; import "event.proto"; message Log { Event event = 1; }';
      const references = [{ name: 'event.proto', subject: event, version: 1 }];
      const id = await registry.register(log, { type: 'PROTOBUF', schema, references });
      const latest = (await registry.latest(log))!;
      const resolved = await resolveSchema(registry, latest);
      expect([...resolved.dependencies.keys()]).toEqual(['event.proto']);
      expect(resolveCached(registry, id)?.dependencies).toEqual(resolved.dependencies);
    });

    test('does not know what is not there', async () => {
      const registry = await open();
      expect(await registry.byId(987_654)).toBeUndefined();
      expect(registry.cachedById(987_654)).toBeUndefined();
    });
  });
}
