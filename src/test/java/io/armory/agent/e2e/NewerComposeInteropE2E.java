package io.armory.agent.e2e;

import io.armory.agent.render.ComposePeer;

/// See [ComposeInterop]: beside a Docker Compose of a newer generation.
class NewerComposeInteropE2E extends ComposeInterop {
  NewerComposeInteropE2E() {
    super(ComposePeer.NEWER);
  }
}
