# One Auto Scaling group of nodes, with its launch template and its lifecycle hooks.

locals {
  # Two pollers, or two stand-alone nodes, must not be there at once.
  alone = var.size.max == 1

  # The convention app-stack-detail-v000 (Frigga), from which the agent, and people, read the stack.
  name = join("-", compact([
    "armoryspinnaker", var.stack, var.detail, format("v%03d", var.group_version)
  ]))

  # What the agent finds out about itself from instance metadata.
  tags = merge(var.tags, {
    Name                = local.name
    "armory:stack"      = var.stack
    "armory:role"       = var.role
    "armory:parameters" = var.parameter_prefix
  })

  # The agent completes them: launch when the stack is healthy, termination when it is drained. One
  # that the agent never answers ends in these results.
  hooks = {
    armory-agent-launch = {
      transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
      result     = "ABANDON"
      timeout    = var.launch_timeout
    }
    armory-agent-terminate = {
      transition = "autoscaling:EC2_INSTANCE_TERMINATING"
      result     = "CONTINUE"
      timeout    = var.drain_timeout
    }
  }
}

# Where this image has its root: /dev/sda1 or /dev/xvda.
data "aws_ami" "node" {
  filter {
    name   = "image-id"
    values = [var.image_id]
  }
}

resource "aws_launch_template" "node" {
  name_prefix            = "${local.name}-"
  image_id               = var.image_id
  instance_type          = var.instance_type
  key_name               = var.key_name
  ebs_optimized          = true
  update_default_version = true
  vpc_security_group_ids = var.security_group_ids
  user_data              = var.user_data == null ? null : base64encode(var.user_data)
  tags                   = local.tags

  iam_instance_profile {
    arn = var.instance_profile_arn
  }

  # Version 2 alone. Two hops: containers on a bridge network are one further away than the node. The
  # agent reads its tags there, and needs no permission to.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
    instance_metadata_tags      = "enabled"
  }

  block_device_mappings {
    device_name = data.aws_ami.node.root_device_name

    ebs {
      volume_size           = var.volume_size
      volume_type           = "gp3"
      encrypted             = true
      kms_key_id            = var.kms_key_arn
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = local.tags
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Several nodes: the new one comes before the old one goes, for a new launch template and for a new
# group (group_version) alike.
resource "aws_autoscaling_group" "several" {
  count = local.alone ? 0 : 1

  name                      = local.name
  min_size                  = var.size.min
  desired_capacity          = var.ignore_desired_capacity_changes ? null : var.size.desired
  max_size                  = var.size.max
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = var.target_group_arns
  health_check_type         = var.health_check_type
  health_check_grace_period = var.health_check_grace_period
  wait_for_capacity_timeout = "20m"
  capacity_rebalance        = var.mixed_instances_policy != null

  dynamic "launch_template" {
    for_each = var.mixed_instances_policy == null ? [1] : []

    content {
      id      = aws_launch_template.node.id
      version = aws_launch_template.node.latest_version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = var.mixed_instances_policy[*]

    content {
      instances_distribution {
        on_demand_allocation_strategy            = mixed_instances_policy.value.instances_distribution.on_demand_allocation_strategy
        on_demand_base_capacity                  = mixed_instances_policy.value.instances_distribution.on_demand_base_capacity
        on_demand_percentage_above_base_capacity = mixed_instances_policy.value.instances_distribution.on_demand_percentage_above_base_capacity
        spot_allocation_strategy                 = mixed_instances_policy.value.instances_distribution.spot_allocation_strategy
        spot_max_price                           = mixed_instances_policy.value.instances_distribution.spot_max_price
      }

      launch_template {
        launch_template_specification {
          launch_template_id = aws_launch_template.node.id
          version            = aws_launch_template.node.latest_version
        }

        dynamic "override" {
          for_each = mixed_instances_policy.value.override

          content {
            instance_type     = override.value.instance_type
            weighted_capacity = override.value.weighted_capacity
          }
        }
      }
    }
  }

  dynamic "warm_pool" {
    for_each = var.warm_pool[*]

    content {
      pool_state                  = warm_pool.value.pool_state
      min_size                    = warm_pool.value.min_size
      max_group_prepared_capacity = warm_pool.value.max_group_prepared_capacity

      dynamic "instance_reuse_policy" {
        for_each = warm_pool.value.instance_reuse_policy[*]

        content {
          reuse_on_scale_in = instance_reuse_policy.value.reuse_on_scale_in
        }
      }
    }
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 110
      auto_rollback          = true
      skip_matching          = true
    }
  }

  # Given with the group, so that its very first nodes have them.
  dynamic "initial_lifecycle_hook" {
    for_each = local.hooks

    content {
      name                 = initial_lifecycle_hook.key
      lifecycle_transition = initial_lifecycle_hook.value.transition
      default_result       = initial_lifecycle_hook.value.result
      heartbeat_timeout    = initial_lifecycle_hook.value.timeout
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.warm_pool == null || var.mixed_instances_policy == null
      error_message = "warm_pool: EC2 Auto Scaling allows none in a group with a mixed_instances_policy."
    }
  }
}

# One node: the old one has drained before the new one comes.
resource "aws_autoscaling_group" "alone" {
  count = local.alone ? 1 : 0

  name                      = local.name
  min_size                  = var.size.min
  desired_capacity          = var.ignore_desired_capacity_changes ? null : var.size.desired
  max_size                  = var.size.max
  vpc_zone_identifier       = var.subnet_ids
  target_group_arns         = var.target_group_arns
  health_check_type         = var.health_check_type
  health_check_grace_period = var.health_check_grace_period
  wait_for_capacity_timeout = "20m"

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 0
      max_healthy_percentage = 100
      auto_rollback          = true
      skip_matching          = true
    }
  }

  # Given with the group, so that its very first nodes have them.
  dynamic "initial_lifecycle_hook" {
    for_each = local.hooks

    content {
      name                 = initial_lifecycle_hook.key
      lifecycle_transition = initial_lifecycle_hook.value.transition
      default_result       = initial_lifecycle_hook.value.result
      heartbeat_timeout    = initial_lifecycle_hook.value.timeout
    }
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

locals {
  group = one(concat(aws_autoscaling_group.several[*].name, aws_autoscaling_group.alone[*].name))
}

# The same hooks once more: what changes in them later reaches the group by these.
resource "aws_autoscaling_lifecycle_hook" "node" {
  for_each = local.hooks

  name                   = each.key
  autoscaling_group_name = local.group
  lifecycle_transition   = each.value.transition
  default_result         = each.value.result
  heartbeat_timeout      = each.value.timeout
}

output "name" {
  value = local.group
}
