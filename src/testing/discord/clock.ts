/** What the fake needs of the outer folders, named once. */
export type { Runtime } from '../../contracts/runtime.ts';
export { createSystemRuntime } from '../../core/system-runtime.ts';
export { Holds, holdHeader } from '../hold.ts';
export { type FormPart, splitMultipart } from '../multipart.ts';
export { acceptSocket, type WebSocketEnd } from '../web-socket.ts';
