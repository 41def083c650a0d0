import type { FastifyInstance } from 'fastify'
import { Counter, type Metric, type Registry } from 'prom-client'

const name = 'guildhall_http_request_duration_seconds'
const help = 'Time from the request line to the end of the answer.'
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** The requests of one method, route and status: how many took no longer than each bound, but longer than the one before. */
interface Times {
  labels: { method: string; route: string; status: string }
  counts: number[]
  count: number
  sum: number
}

/**
 * Counts every request by its route pattern, never by its address, which may hold people's data. The counting is our own, since that of the library looks
 * all labels up with each request; what is shown of it is the library's.
 */
export function requestMetrics(registry: Registry): (app: FastifyInstance) => void {
  // As many as routes have statuses.
  const times = new Map<string, Times>()
  const timesOf = (method: string, route: string, status: number): Times => {
    const key = `${method} ${route} ${status}`
    const known = times.get(key)
    if (known) return known
    const begun = { labels: { method, route, status: String(status) }, counts: bounds.map(() => 0), count: 0, sum: 0 }
    times.set(key, begun)
    return begun
  }
  const histogram = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: [...times.values()].flatMap(valuesOf) }),
    reset: () => times.clear()
  }
  registry.registerMetric(histogram as unknown as Metric)
  const aborted = new Counter({
    name: 'guildhall_http_requests_aborted_total',
    help: 'Requests whose client went away.',
    registers: [registry]
  })
  return (app) => {
    app.observers.push(({ method, route = 'unknown', status, ms, streamed }) => {
      // How long somebody listened says nothing about how fast we are.
      if (!streamed) observe(timesOf(method, route, status), ms / 1000)
    })
    app.addHook('onRequestAbort', async (_request) => aborted.inc())
  }
}

function observe(times: Times, seconds: number): void {
  times.count++
  times.sum += seconds
  const place = bounds.findIndex((bound) => seconds <= bound)
  if (place >= 0) times.counts[place]!++
}

/** As Prometheus wants them: each bucket with all that are in the ones before. */
function valuesOf({ labels, counts, count, sum }: Times) {
  let below = 0
  const buckets = bounds.map((le, place) => {
    below += counts[place]!
    return { labels: { le, ...labels }, value: below, metricName: `${name}_bucket` }
  })
  return [
    ...buckets,
    { labels: { le: '+Inf', ...labels }, value: count, metricName: `${name}_bucket` },
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` }
  ]
}
