import type { Route } from './route.ts';

/** Figures for Prometheus, where whoever serves the engine has them. */
export const METRICS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/metrics',
    produces: [],
    handle: async (exchange, { engine, metrics }) => {
      const page = await metrics?.();
      if (page === undefined) exchange.send(404, null);
      else exchange.send(200, page.contentType, await page.text(engine));
    },
  },
];
