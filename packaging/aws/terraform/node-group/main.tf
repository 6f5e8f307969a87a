# One Auto Scaling group of nodes, with its launch template and its lifecycle hooks.

locals {
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
  name                   = local.name
  image_id               = var.image_id
  instance_type          = var.instance_type
  key_name               = var.key_name
  ebs_optimized          = true
  update_default_version = true
  vpc_security_group_ids = var.security_group_ids
  user_data              = var.user_data == "" ? null : base64encode(var.user_data)
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
}

resource "aws_autoscaling_group" "node" {
  name                      = local.name
  min_size                  = var.size.min
  desired_capacity          = var.size.desired
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

  # A new launch template version replaces the nodes one by one, each after it has drained.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = var.size.min > 1 ? 50 : 0
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

# The same hooks once more: what changes in them later reaches the group by these.
resource "aws_autoscaling_lifecycle_hook" "node" {
  for_each = local.hooks

  name                   = each.key
  autoscaling_group_name = aws_autoscaling_group.node.name
  lifecycle_transition   = each.value.transition
  default_result         = each.value.result
  heartbeat_timeout      = each.value.timeout
}

output "name" {
  value = aws_autoscaling_group.node.name
}
