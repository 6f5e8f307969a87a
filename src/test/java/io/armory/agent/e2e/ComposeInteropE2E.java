package io.armory.agent.e2e;

import io.armory.agent.render.ComposePeer;

/// See [ComposeInterop]: beside a Docker Compose of the first generation of hashes.
class ComposeInteropE2E extends ComposeInterop {
  ComposeInteropE2E() {
    super(ComposePeer.OLDER);
  }
}
