/**
 * Node's HTTP clients, as they stand.
 *
 * An `import` asks a built-in module for everything it names, and `node:http` names a WebSocket
 * client that is loaded when it is asked for: 50 ms of CPU in every process and thread, for
 * nothing.
 */
export const http = process.getBuiltinModule('node:http')
export const https = process.getBuiltinModule('node:https')
