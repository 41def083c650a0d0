import { setTimeout as delay } from 'node:timers/promises'
import type { Span } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'

export interface Tracing {
  plugin: (app: FastifyInstance) => void
  /** Sends what was not sent yet, for so long at most. */
  stop: (longestMs: number) => Promise<void>
}

/** OpenTelemetry over OTLP/HTTP where a collector is configured; its code is not even loaded otherwise. Honours W3C trace context. */
export async function startTracing(
  config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_SERVICE_NAME'>
): Promise<Tracing | undefined> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint) return undefined
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { FastifyOtelInstrumentation }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@fastify/otel'),
      import('@opentelemetry/resources')
    ])
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.OTEL_SERVICE_NAME }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))]
  })
  provider.register()
  // Addresses of requests may hold people's email; a route's pattern never does.
  const requestHook = (span: Span, { routeOptions }: FastifyRequest): void => {
    span.setAttribute('url.path', routeOptions.url ?? 'unknown')
  }
  const instrumentation = new FastifyOtelInstrumentation({ requestHook })
  instrumentation.setTracerProvider(provider)
  return {
    plugin: (app) => {
      app.register(instrumentation.plugin())
    },
    stop: (longestMs) => Promise.race([provider.shutdown(), delay(longestMs)])
  }
}
