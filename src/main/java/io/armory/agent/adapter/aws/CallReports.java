package io.armory.agent.adapter.aws;

import java.time.Duration;
import java.util.Locale;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/// Tells a listener of every service call, in IAM's spelling.
record CallReports(AwsOptions.CallListener listener) implements ExecutionInterceptor {
  private static final ExecutionAttribute<Long> BEGAN = new ExecutionAttribute<>("AgentBegan");

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    attributes.putAttribute(BEGAN, System.nanoTime());
  }

  @Override
  public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
    report(attributes, false);
  }

  @Override
  public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
    report(attributes, true);
  }

  private void report(ExecutionAttributes attributes, boolean failed) {
    var service = attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME);
    var operation = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
    var began = attributes.getOptionalAttribute(BEGAN).orElseGet(System::nanoTime);
    listener.called(
        service.replace(" ", "").toLowerCase(Locale.ROOT) + ":" + operation,
        failed,
        Duration.ofNanos(System.nanoTime() - began));
  }
}
