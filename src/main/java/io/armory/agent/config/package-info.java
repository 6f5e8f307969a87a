/// `agent.yaml` and the environment → [AgentConfig]. The one room that reads environment variables.
@NullMarked
package io.armory.agent.config;

import org.jspecify.annotations.NullMarked;
