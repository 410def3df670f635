import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/**
 * Every connection of kafkajs looks into its queue each millisecond, also when it is empty, over a timeout that it
 * computes as negative, of which Node warns on standard error. It need look only while something waits in the queue.
 */
export function quietKafkajs(): void {
  if (isQuiet) return;
  isQuiet = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}

let isQuiet = false;
