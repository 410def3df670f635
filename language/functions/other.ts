import { EvaluationError } from '../types/evaluation-error.ts';
import type { SqlValue } from '../types/sql-type.ts';
import { p, primitive, t } from './define.ts';
import type { ScalarFunction } from './function.ts';

const KILOMETRES = 6371;
const MILES = 3959;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

function radiusIn(unit: string | null | undefined): number {
  if (unit === null || unit === undefined || unit.trim() === '') return KILOMETRES;
  const name = unit.toLowerCase();
  if (['km', 'kilometer', 'kilometers', 'kilometre', 'kilometres'].includes(name)) return KILOMETRES;
  if (['mi', 'mile', 'miles'].includes(name)) return MILES;
  throw new EvaluationError(`GEO_DISTANCE takes 'KM' or 'MILES' as its unit, not '${unit}'`);
}

/** The haversine formula. */
function distance(lat1: number, lon1: number, lat2: number, lon2: number, unit?: string | null): number {
  const radius = radiusIn(unit);
  if (Math.abs(lat1) > 90 || Math.abs(lat2) > 90)
    throw new EvaluationError(
      'valid latitude values for GeoDistance function are in the range of -90 to 90 decimal degrees',
    );
  if (Math.abs(lon1) > 180 || Math.abs(lon2) > 180)
    throw new EvaluationError(
      'valid longitude values for GeoDistance function are in the range of -180 to +180 decimal degrees',
    );
  const dLat = radians(lat2 - lat1);
  const dLon = radians(lon2 - lon1);
  const a = Math.sin(dLat / 2) ** 2 + Math.sin(dLon / 2) ** 2 * Math.cos(radians(lat1)) * Math.cos(radians(lat2));
  return radius * 2 * Math.asin(Math.sqrt(a));
}

const POINT = ['lat1', 'lon1', 'lat2', 'lon2'].map((name) => primitive(name, t.double));
const T = t.generic('T');

export const OTHER_FUNCTIONS: readonly ScalarFunction[] = [
  {
    kind: 'scalar',
    name: 'AS_VALUE',
    category: 'OTHER',
    summary: 'Its argument; marks a copy of a key column that is to be a value column.',
    overloads: [
      { parameters: [p('keyColumn', T)], returns: T, handlesNull: true, implement: () => (value: SqlValue) => value },
    ],
    examples: [{ call: 'AS_VALUE(1)', result: '1' }],
  },
  {
    kind: 'scalar',
    name: 'GEO_DISTANCE',
    category: 'OTHER',
    summary: 'The distance of two points on the earth in kilometres, or in miles.',
    details: 'Units are KM and MILES. Latitudes beyond 90 and longitudes beyond 180 degrees are errors.',
    spelling: 'geo_distance',
    overloads: [
      { parameters: POINT, returns: t.double, implement: () => distance },
      { parameters: [...POINT, p('units', t.string)], returns: t.double, handlesNull: true, implement: () => distance },
    ],
    examples: [
      { call: "ROUND(GEO_DISTANCE(37.4133E0, -122.1162E0, 51.5026E0, -0.1163E0, 'KM'), 0)", result: '8637E0' },
    ],
  },
];
