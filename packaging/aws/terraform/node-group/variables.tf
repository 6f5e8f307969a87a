variable "stack" {
  description = "The stack, for the tag armory:stack and the group's name"
  type        = string
}

variable "detail" {
  description = "The last part of the group's name before its version; empty: none"
  type        = string
  default     = ""
}

variable "role" {
  description = "The agent's role, for the tag armory:role"
  type        = string
}

variable "group_version" {
  description = "The group's version: 0 is v000"
  type        = number
}

variable "size" {
  description = "How many nodes: at least, at first, at most. Where one is the most, its successor waits until it is gone"
  type        = object({ min = number, desired = number, max = number })
}

variable "ignore_desired_capacity_changes" {
  description = "What scaling makes of the desired capacity stays; the group begins with its least"
  type        = bool
  default     = false
}

variable "image_id" {
  description = "The AMI"
  type        = string
}

variable "instance_type" {
  type = string
}

variable "key_name" {
  description = "SSH key pair; null: none, Session Manager is enough"
  type        = string
  default     = null
}

variable "volume_size" {
  description = "GiB of the root volume: images, logs, and the local Redis of a stand-alone node"
  type        = number
}

variable "subnet_ids" {
  type = list(string)
}

variable "security_group_ids" {
  type = list(string)
}

variable "target_group_arns" {
  type = list(string)
}

variable "health_check_type" {
  description = "Whom the group believes: EC2, or ELB, which ends what its load balancers call unhealthy"
  type        = string
  default     = "EC2"
}

variable "health_check_grace_period" {
  description = "Seconds after a start in which the group ends no node as unhealthy"
  type        = number
  default     = 900
}

variable "instance_profile_arn" {
  type = string
}

variable "parameter_prefix" {
  description = "For the tag armory:parameters"
  type        = string
}

variable "kms_key_arn" {
  description = "Encrypts the volumes; null: the account's default key for EBS"
  type        = string
  default     = null
}

variable "mixed_instances_policy" {
  description = "Not for a group of one"
  type = object({
    instances_distribution = optional(object({
      on_demand_allocation_strategy            = optional(string)
      on_demand_base_capacity                  = optional(number)
      on_demand_percentage_above_base_capacity = optional(number)
      spot_allocation_strategy                 = optional(string, "price-capacity-optimized")
      spot_max_price                           = optional(string)
    }), {})
    override = optional(list(object({ instance_type = string, weighted_capacity = optional(string) })), [])
  })
  default = null
}

variable "warm_pool" {
  description = "Not for a group of one"
  type = object({
    pool_state                  = optional(string, "Stopped")
    min_size                    = optional(number)
    max_group_prepared_capacity = optional(number)
    instance_reuse_policy       = optional(object({ reuse_on_scale_in = bool }))
  })
  default = null
}

variable "user_data" {
  description = "cloud-init's user data; null: none"
  type        = string
  default     = null
}

variable "launch_timeout" {
  description = "Seconds the launch hook waits for a heartbeat of the agent"
  type        = number
  default     = 900
}

variable "drain_timeout" {
  description = "Seconds the termination hook waits for a heartbeat of the agent"
  type        = number
  default     = 900
}

variable "tags" {
  type    = map(string)
  default = {}
}
