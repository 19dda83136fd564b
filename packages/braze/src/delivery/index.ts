/**
 * Delivering one packed request: cut, halved and asked again until each object has its own outcome.
 */
export { deliverTrack } from './deliver-track.ts'
