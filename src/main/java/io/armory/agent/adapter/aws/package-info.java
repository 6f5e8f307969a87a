/// AWS: who the node is (IMDSv2, EC2), its parameters (SSM), the registry's logins (ECR) and its
/// place in the Auto Scaling group. The SDK is loaded at the first call, so a node without AWS
/// never pays for it.
@NullMarked
package io.armory.agent.adapter.aws;

import org.jspecify.annotations.NullMarked;
