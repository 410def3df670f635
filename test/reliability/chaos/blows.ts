import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../support/chance.ts';
import type { EngineFleet } from '../../support/engine-fleet.ts';

export const ENGINES = 3;
/** From one blow to the next. */
const LEAST_PAUSE_MS = 300;
const MOST_PAUSE_MS = 2500;
/** An engine that was killed is away for so long at most. */
const MOST_AWAY_MS = 4000;
/** How many of a hundred blows hit the broker, and how many have an engine stand still instead of killing it. */
const BROKER_PERCENT = 12;
const STILL_PERCENT = 20;

/** What is done to the engines of a round. */
export interface Blows {
  readonly chance: Chance;
  readonly fleet: EngineFleet;
  readonly sessionMs: number;
  /** Whether the load has ended, and the blows with it: then all engines are there again. */
  isOver(): boolean;
  /** Told what is done. */
  say(what: string): void;
}

/**
 * Engines are killed one by one, or stand still, for longer than the others wait for them, too.
 * @param restartBroker kills the broker and starts it again; absent: it lives
 */
export const kills =
  (restartBroker?: () => Promise<void>) =>
  async (blows: Blows): Promise<void> => {
    const { chance, say } = blows;
    const away = new Map<number, Promise<void>>();
    while (!blows.isOver()) {
      await sleep(chance.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
      const place = chance.below(ENGINES);
      if (restartBroker !== undefined && chance.below(100) < BROKER_PERCENT) {
        say('the broker is killed');
        await restartBroker();
        say('the broker is there again');
      } else if (!away.has(place)) {
        const back = chance.below(100) < STILL_PERCENT ? standStill(place, blows) : kill(place, blows);
        const forget = () => void away.delete(place);
        away.set(place, back.then(forget));
      }
    }
    await Promise.all(away.values());
  };

async function standStill(place: number, { chance, fleet, sessionMs, say }: Blows): Promise<void> {
  const { child } = fleet.at(place)!;
  const stillMs = chance.below(2 * sessionMs);
  say(`engine ${place} (process ${child.pid}) stands still for ${stillMs} ms`);
  child.kill('SIGSTOP');
  await sleep(stillMs);
  child.kill('SIGCONT');
}

async function kill(place: number, { chance, fleet, say }: Blows): Promise<void> {
  const awayMs = chance.below(MOST_AWAY_MS);
  say(`engine ${place} (process ${fleet.at(place)!.child.pid}) is killed for ${awayMs} ms`);
  await fleet.end(place, 'SIGKILL');
  await sleep(awayMs);
  await fleet.start(place);
}

/** All engines are killed, or stopped, and others go on: more or fewer of them, with more or fewer threads. */
export async function restarts({ chance, fleet, say, isOver }: Blows): Promise<void> {
  const places = Array.from({ length: ENGINES }, (_, place) => place);
  while (!isOver()) {
    await sleep(chance.between(LEAST_PAUSE_MS, MOST_PAUSE_MS));
    const signal = chance.pick(['SIGKILL', 'SIGTERM'] as const);
    const count = chance.between(1, ENGINES);
    say(`all engines end by ${signal}, ${count} go on`);
    await Promise.all(places.map((place) => fleet.end(place, signal)));
    const next = chance.shuffled(places).slice(0, count);
    await Promise.all(next.map((place) => fleet.start(place)));
  }
}
