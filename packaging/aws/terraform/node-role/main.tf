# What a node may do: packaging/aws/iam-policy.json as it is, for this stack's names, and what Run Command
# and Session Manager need.

variable "name" {
  description = "What the names of the role and of the instance profile begin with: both are global, and regions may have the same stack"
  type        = string
}

variable "parameter_prefix" {
  description = "Where the stack's parameters are in the Parameter Store"
  type        = string
}

variable "group_prefix" {
  description = "What the names of this stack's Auto Scaling groups begin with"
  type        = string
}

variable "bucket" {
  description = "The bucket front50 keeps pipelines in; empty: none"
  type        = string
  default     = ""
}

variable "alert_topic_arns" {
  description = "SNS topics that the nodes may publish alerts to"
  type        = list(string)
  default     = []
}

variable "support_bucket" {
  description = "The bucket that support bundles may be put into; empty: none"
  type        = string
  default     = ""
}

variable "log_group" {
  description = "The CloudWatch log group that Docker's driver awslogs writes to; null: it writes to none"
  type        = object({ name = string, create = bool, retention_in_days = number, kms_key_id = string, by_docker = bool })
  default     = null
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_policies" {
  description = "Further policies, any name = ARN"
  type        = map(string)
  default     = {}
}

variable "backup_arns" {
  description = "Objects of S3 that backups are written to and restored from, such as arn:aws:s3:::acme-backups/spinnaker/*"
  type        = list(string)
  default     = []
}

variable "tags" {
  type    = map(string)
  default = {}
}

data "aws_partition" "current" {}

locals {
  # The policy that the agent's tests compare with the agent's calls, read and not repeated here.
  shipped = file("${path.module}/../../iam-policy.json")
  policy = replace(replace(replace(local.shipped,
    "arn:aws:", "arn:${data.aws_partition.current.partition}:"),
    "parameter/armory/spinnaker", "parameter${var.parameter_prefix}"),
  "autoScalingGroupName/armoryspinnaker-", "autoScalingGroupName/${var.group_prefix}")
}

resource "aws_iam_role" "node" {
  name_prefix          = "${var.name}-"
  permissions_boundary = var.iam_role_permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "agent" {
  name   = "armory-agent"
  role   = aws_iam_role.node.id
  policy = local.policy
}

resource "aws_iam_role_policy" "store" {
  count = var.bucket == "" ? 0 : 1
  name  = "front50-store"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions"]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}"
      },
      {
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket}/*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "alerts" {
  count = length(var.alert_topic_arns) == 0 ? 0 : 1 # known before the topics are
  name  = "alerts"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = var.alert_topic_arns }]
  })
}

resource "aws_iam_role_policy" "support" {
  count = var.support_bucket == "" ? 0 : 1
  name  = "support-bundles"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.support_bucket}/*"
    }]
  })
}

resource "aws_cloudwatch_log_group" "services" {
  count             = try(var.log_group.create, false) ? 1 : 0
  name              = var.log_group.name
  retention_in_days = var.log_group.retention_in_days
  kms_key_id        = var.log_group.kms_key_id
  tags              = var.tags
}

resource "aws_iam_role_policy" "logs" {
  count = var.log_group == null ? 0 : 1
  name  = "logs"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = concat(["logs:CreateLogStream", "logs:PutLogEvents"], var.log_group.by_docker ? ["logs:CreateLogGroup"] : [])
      Resource = "arn:${data.aws_partition.current.partition}:logs:*:*:log-group:${var.log_group.name}:*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "further" {
  for_each   = var.iam_role_policies
  role       = aws_iam_role.node.name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "backups" {
  count = length(var.backup_arns) == 0 ? 0 : 1 # known before the bucket is
  name  = "backups"
  role  = aws_iam_role.node.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = var.backup_arns }]
  })
}

resource "aws_iam_role_policy_attachment" "run_command" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "node" {
  name_prefix = "${var.name}-"
  role        = aws_iam_role.node.name
  tags        = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

output "instance_profile_arn" {
  # Not before the node may do all of its work.
  depends_on = [
    aws_iam_role_policy.agent, aws_iam_role_policy.store, aws_iam_role_policy.logs, aws_cloudwatch_log_group.services,
    aws_iam_role_policy_attachment.run_command, aws_iam_role_policy_attachment.further,
  ]
  value = aws_iam_instance_profile.node.arn
}

output "role_name" {
  value = aws_iam_role.node.name
}
