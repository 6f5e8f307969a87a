package io.armory.agent.app;

import io.armory.agent.adapter.aws.SnsTopic;
import io.armory.agent.adapter.files.NodeHost;
import io.armory.agent.adapter.webhook.Webhook;
import io.armory.agent.adapter.webhook.WebhookAddress;
import io.armory.agent.config.AgentConfig;
import io.armory.agent.config.AgentConfig.NotifyFormat;
import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.port.AlertTarget;
import io.armory.agent.reconcile.alert.AlertSettings;
import io.armory.agent.reconcile.alert.AlertWatch;
import io.armory.agent.reconcile.driver.ReconcilerDriver;
import io.armory.agent.reconcile.driver.ReconcilerPorts;
import io.armory.agent.sources.NodeSources;
import io.armory.agent.view.AlertBody;
import java.util.List;
import java.util.function.UnaryOperator;

/// Wires who is told without asking.
final class NodeAlerts {
  private NodeAlerts() {}

  static AlertWatch of(
      ReconcilerDriver loop, ReconcilerPorts parts, NodeSources sources, AgentConfig config) {
    var notify = config.alerts();
    var webhook =
        new Webhook(
            new WebhookAddress(
                notify.webhook().urlFile(), () -> loop.parameters().reveal(Parameters.WEBHOOK_URL)),
            notify.webhook().caFile(),
            body(notify, notify.webhook().format())::json);
    var topic =
        new SnsTopic(
            sources::aws,
            () -> notify.sns().topic().or(() -> loop.parameters().reveal(Parameters.SNS_TOPIC)),
            body(notify, notify.sns().format())::message);
    UnaryOperator<String> mask = sources.secrets()::masked;
    return new AlertWatch(
        loop::report,
        problems -> loop.ask(() -> loop.core().aside("alerts", problems)),
        parts.state(),
        parts.steady(),
        parts.threads(),
        AlertSettings.usual(
            notify.on(), notify.notReady(), config.health().disk(), NodeHost.name()),
        List.of(new Masked(webhook, mask), new Masked(topic, mask)));
  }

  private static AlertBody body(AgentConfig.Notify notify, NotifyFormat format) {
    return new AlertBody(notify.template(), format == NotifyFormat.JSON);
  }

  /// What a service logs is not ours to choose, and an alert may say why it failed.
  private record Masked(AlertTarget target, UnaryOperator<String> mask) implements AlertTarget {
    @Override
    public String name() {
      return target.name();
    }

    @Override
    public boolean isAddressed() {
      return target.isAddressed();
    }

    @Override
    public Outcome<String> send(Alert alert) {
      return target.send(alert.masked(mask));
    }
  }
}
