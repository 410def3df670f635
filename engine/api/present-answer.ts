import type { AnswerView, EntityKind, ViewsOf } from './answer-view.ts';
import { DESCRIPTION_VIEWS } from './description-views.ts';
import { LIST_VIEWS } from './list-views.ts';
import { OUTCOME_VIEWS } from './outcome-views.ts';
import type { Entity } from './protocol.ts';

const VIEWS: ViewsOf<EntityKind> = { ...LIST_VIEWS, ...DESCRIPTION_VIEWS, ...OUTCOME_VIEWS };

/** The view of an answer. What a server answers that this project does not know is shown as it came. */
export function presentAnswer(entity: Entity): AnswerView {
  const kind = entity['@type'];
  const view = Object.hasOwn(VIEWS, kind) ? (VIEWS[kind] as (entity: Entity) => AnswerView)(entity) : rawView(entity);
  const warnings = (entity.warnings ?? []).map(({ message }) => message);
  return warnings.length === 0 ? view : { ...view, warnings };
}

function rawView(entity: Entity): AnswerView {
  const text = JSON.stringify(entity, (_key, value) => (typeof value === 'bigint' ? String(value) : value), 2);
  return { message: text, mark: 'done' };
}
