export { systemClock } from '../lambda/runtime/system-clock.ts';
