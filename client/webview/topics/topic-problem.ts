import * as l10n from '@vscode/l10n';
import type { TopicAction, TopicSummary } from '../../topics/topic-messages.ts';
import { element } from '../elements/dom.ts';

/** Why there are no records to see, with what can be done about it. */
export function topicProblem(
  { message, canPrint }: NonNullable<TopicSummary['problem']>,
  act: (action: TopicAction) => void,
): HTMLElement {
  return element(
    'div',
    { class: 'topic-problem' },
    element('p', { class: canPrint ? '' : 'message failed' }, message),
    element(
      'p',
      { class: 'offer' },
      element(
        'button',
        { onclick: () => act(canPrint ? 'print' : 'retry') },
        canPrint ? l10n.t('Print the Topic') : l10n.t('Try Again'),
      ),
    ),
  );
}
