import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VersionedMap } from '../../../language/metastore/versioned-map.ts';

const key = fc.integer({ min: 0, max: 90 }).map((n) => `k${n}`);
const change = fc.record({ key, value: fc.option(fc.nat(), { nil: undefined }) });

test('a versioned map holds what a map would after the same changes, and its earlier versions stay as they are', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const plain = new Map<string, number>();
      let versioned: ReadonlyMap<string, number> = new Map();
      const versions: { readonly map: ReadonlyMap<string, number>; readonly entries: readonly unknown[] }[] = [];
      for (const { key: name, value } of changes) {
        if (value === undefined) plain.delete(name);
        else plain.set(name, value);
        versioned =
          value === undefined ? VersionedMap.without(versioned, name) : VersionedMap.with(versioned, name, value);
        versions.push({ map: versioned, entries: [...plain].sort() });
      }
      for (const { map, entries } of versions) {
        expect([...map].sort()).toEqual(entries);
        expect(map.size).toBe(entries.length);
      }
      for (let n = 0; n <= 90; n++) {
        expect(versioned.get(`k${n}`)).toBe(plain.get(`k${n}`));
        expect(versioned.has(`k${n}`)).toBe(plain.has(`k${n}`));
      }
    }),
    { numRuns: 50 },
  );
});
