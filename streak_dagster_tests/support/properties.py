"""Every property that a Streak object is known to have, from all sources and times.

Collected from Streak's documentation (2012 to 2026), its OpenAPI file and clients, and from shapes that
others observed in live answers. Old and new forms stand side by side, since an account may send either.
"""

from __future__ import annotations

# What Streak documents comes first in each list; what was only observed follows after the blank line.

PROPERTIES: dict[str, str] = {
    "teams": """
        automaticallyApproveJoinRequests automaticallySendInvoiceEmails billingAdmin contactOrgListPermissions
        contactSettings creationDate creator emailsToSendInvoiceTo key lastSavedTimestamp members name
        organizationSettings sharingRestrictedToTeam

        billingInfo hasStripeCustomer
    """,
    "team_members": """
        displayName email emailSharing fullName givenName image inviteDate inviteStatus role userKey userType

        orgKey
    """,
    "users": """
        automaticallySendInvoiceEmails creationTimestamp customerSpecifiedInvoiceData displayName email
        emailsToSendInvoiceTo externalSharingRestrictionOnTeamsPipelines firstOauthTimestamp
        googleProfileFirstName googleProfileFullName googleProfileId googleProfileLastName googleProfileLink
        googleProfilePhotoUrl isOauthComplete key lastSavedTimestamp lastSeenTimestamp lastUpdatedTimestamp
        lowercaseEmail securityReportOnTeamsPipelines timezoneId userKey userType wantsTaskDigestEmail

        canceledTrial firstExtension googleAnalyticsClientId googleProfileGender googleProfileLocale
        hasCancellationDiscount lastProPlusTrialStart lastTrialLength lastTrialStart onTrialWithoutCreditCard
        orgKey streakCalendarId tourId usedPlatforms userSettingsKey userSource
    """,
    "pipelines": """
        aclEntries boxCount creationSourceType creationTimestamp creatorKey customPermissionSets
        defaultPermissionSetName description fields formulasLastUpdatedTimestamp icon key lastSavedTimestamp
        lastUpdatedTimestamp name orgWide owner pipelineKey sharingRestrictedToTeam stageColorTheme stageOrder
        stages teamKey

        boxCountHint roundRobinAssignmentUsers sharingRestrictedToOrg teamWide
    """,
    "pipeline_stages": """
        boxCount color isColorFromTheme key name
    """,
    "pipeline_fields": """
        aiSettings defaultValue dropdownSettings key lastDefaultValueUpdatedTimestamp lastUpdatedTimestamp
        name tagSettings type
    """,
    "pipeline_boxes": """
        boxKey commentCount creationTimestamp creatorKey fields fileCount followerCount followerKeys
        gmailThreadCount key lastUpdatedTimestamp name notes pipelineKey reminderCount stageKey taskTotal

        assignedToSharingEntries callLogCount contacts creationSourceType creatorSharingEntry
        earliestOverdueTaskDueDate emailAddresses emailAddressesAutoExtracted emailAddressesBlacklist
        emailAddressesWhitelist fieldsAutofillStatus firstCallLogTimestamp firstEmailFrom
        firstEmailReceivedTimestamp firstEmailSentTimestamp firstEmailTimestamp firstMeetingNotesTimestamp
        followerSharingEntries freshness incompleteTaskAssigneeKeySet incompleteTaskAssigneeSharingEntrySet
        lastCommentTimestamp lastEmailFrom lastEmailReceivedTimestamp lastEmailSentTimestamp
        lastEmailUpdatedTimestamp lastSavedTimestamp lastStageChangeTimestamp lastTouchpointTimestamp
        lastTouchpointType linkedBoxKeys meetingNotesCount mostRecentCallLogTimestamp
        mostRecentLastSentEmailViewsTimestamp mostRecentMeetingNotesTimestamp
        mostRecentSentEmailsViewsTimestamp organizations overdueTaskAssigneeKeySet
        overdueTaskAssigneeSharingEntrySet soonestTaskDueDate stageHistoryEntries taskAssigneeKeySet
        taskAssigneeSharingEntrySet taskCompleteCount taskIncompleteCount taskOverdueCount
        taskPercentageComplete totalCallLogDuration totalMeetingNotesDuration totalNumberOfEmails
        totalNumberOfLastSentEmailLinksClicks totalNumberOfLastSentEmailViews totalNumberOfReceivedEmails
        totalNumberOfSentEmails totalNumberOfSentEmailsViews violations
    """,
    "box_comments": """
        boxKey children creatorKey key lastSavedTimestamp mentions message newsfeedEntryKey parent pipelineKey
        reactionSummary timestamp

        commentKey
    """,
    "box_meetings": """
        boxKey creationDate creatorKey duration isDraft key lastSavedTimestamp meetingType notes pipelineKey
        startTimestamp taskKeys

        orgKey
    """,
    "box_tasks": """
        actions assignedTo boxKey creationDate creator creatorKey dueDate key lastSavedTimestamp
        lastStatusChangeDate meetingKey pipelineKey reminderStatus status text

        assignedToSharingEntries creatorSharingEntry isDraft sortOrder
    """,
    "box_threads": """
        boxKey creationTimestamp creatorKey emailAddresses fileKeys files gmailThreadKey key
        lastEmailTimestamp lastSavedTimestamp lastUpdatedTimestamp names pipelineKey subject threadGmailId

        autoboxLinks boxKeys doesRequestingUserHaveThread isRequestingUserOwner lastEmailFrom
        messageSentTimestamps numberOfEmails requestingUserThreadGmailId senderEmailSendTimestampPairs sources
        unifiedMessageThreads
    """,
    "box_files": """
        boxKey creationTimestamp fileKey fileName fileOwner fileType gmailAPIFileId gmailMessageId
        isCurrentUserOwnerInDrive key lastSavedTimestamp lastUpdatedTimestamp mainFileName mimeType size

        directUrl
    """,
    "contacts": """
        addresses contactLinks creationDate creatorKey domains emailAddresses facebookHandle familyName fields
        givenName instagramHandle key lastEnrichmentTimestamp lastSavedTimestamp lastSavedUserKey
        linkedinHandle normalizedDomains orgLinks other phoneNumbers photoUrl teamKey title twitterHandle
        versionTimestamp
    """,
    "organizations": """
        addresses contactLinks creationDate creatorKey domains employeeCount facebookHandle fields industry
        instagramHandle key lastEnrichmentTimestamp lastSavedTimestamp lastSavedUserKey linkedinHandle logoURL
        name normalizedDomains orgLinks other phoneNumbers teamKey twitterHandle versionTimestamp
    """,
    "box_contacts": """
        contactKey isAutoboxed isStarred

        autoboxerKey autoboxingSource autoboxingTimestamp
    """,
    "box_organizations": """
        isAutoboxed isStarred organizationKey

        autoboxerKey autoboxingSource autoboxingTimestamp
    """,
    "box_stage_history": """
        lastEntryToStageTs stageKey timeInStageMs
    """,
    "contact_fields": """
        defaultValue dropdownSettings key lastDefaultValueUpdatedTimestamp lastUpdatedTimestamp name
        tagSettings type
    """,
    "organization_fields": """
        defaultValue dropdownSettings key lastDefaultValueUpdatedTimestamp lastUpdatedTimestamp name
        tagSettings type
    """,
    "box_field_values": """
        fieldKey value
    """,
    "snippets": """
        creationDate key lastSavedTimestamp partOfPipeline pipelineKey snippetKey snippetKeyShortcut
        snippetName snippetText snippetType userKey
    """,
    "newsfeed": """
        boxKey collapsedEntries creatorKey key lastSavedTimestamp moved newsfeedEntryOperation
        newsfeedEntryScope newsfeedEntrySpecific newsfeedItemKey pipelineKey specificVariables
        storyTextBox storyTextGlobal storyTextPipeline timestamp
    """,
    "webhooks": """
        creationDate event key lastSavedTimestamp pipelineKey targetUrl teamKey userKey
    """,
}
