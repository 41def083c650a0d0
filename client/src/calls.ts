import createFetchClient, { type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch'
import type { HttpMethod, MediaType, PathsWithMethod, RequiredKeysOf } from 'openapi-typescript-helpers'
import type { paths } from './schema.ts'
import type { Transport } from './transport.ts'

/** An answer that is no refusal: those are thrown. */
export interface Reply<Data> {
  data: Data
  status: number
  headers: Headers
  /** For `If-Match` of the next change. */
  etag: string | undefined
  /** For `consistency` of the next question: it will not be answered from before this change. */
  consistencyToken: string | undefined
}

type Init<Path extends keyof paths, Method extends HttpMethod> = MaybeOptionalInit<Required<paths[Path]>, Method & keyof paths[Path]>
type InitParam<Given> = RequiredKeysOf<Given> extends never ? [Given?] : [Given]
type Operation<Path extends keyof paths, Method> = Method extends keyof paths[Path]
  ? NonNullable<paths[Path][Method]> extends infer Found extends Record<string | number, unknown>
    ? Found
    : never
  : never
type DataAs<Path extends keyof paths, Method extends HttpMethod, Given, Media extends MediaType> = Extract<
  FetchResponse<Operation<Path, Method>, Given, Media>,
  { data: unknown }
>['data']
/** What is JSON where there is a choice. */
type DataOf<Path extends keyof paths, Method extends HttpMethod, Given> = [DataAs<Path, Method, Given, 'application/json'>] extends [never]
  ? DataAs<Path, Method, Given, MediaType>
  : DataAs<Path, Method, Given, 'application/json'>

/** Calls any operation of one method, by its path in the OpenAPI document. @throws GuildhallProblem, GuildhallUnreachable */
export type Calls<Method extends HttpMethod> = <Path extends PathsWithMethod<paths, Method>, Given extends Init<Path, Method>>(
  path: Path,
  ...init: InitParam<Given>
) => Promise<Reply<DataOf<Path, Method, Given>>>

export interface Api {
  get: Calls<'get'>
  post: Calls<'post'>
  put: Calls<'put'>
  patch: Calls<'patch'>
  delete: Calls<'delete'>
}

/** Every operation of the service, typed by its document. */
export function typedCalls({ send }: Transport): Api {
  const client = createFetchClient<paths>({
    // Only the path and query count: `send` knows the service.
    baseUrl: 'http://service',
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const body = request.body ? await request.text() : undefined
      return send({ method: request.method, path: pathname + search, headers: request.headers, body, signal: request.signal })
    }
  })
  const call = (method: HttpMethod) => async (path: string, init?: object) => {
    const request = client.request as (method: string, path: string, init?: object) => Promise<{ data?: unknown; response: Response }>
    const { data, response } = await request(method, path, init)
    const { status, headers } = response
    const header = (name: string): string | undefined => headers.get(name) ?? undefined
    return { data, status, headers, etag: header('etag'), consistencyToken: header('consistency-token') }
  }
  const methods = ['get', 'post', 'put', 'patch', 'delete'] as const
  return Object.fromEntries(methods.map((method) => [method, call(method)])) as unknown as Api
}
