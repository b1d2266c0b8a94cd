using Bunit;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Training.Storage.Keys;
using RftConsole.Web.Components.Controls;
using RftConsole.Web.Components.Pages;
using RftConsole.Web.Jobs;

namespace RftConsole.Tests.Components;

/// <summary>Encryption keys in Settings, in the wizard and on a job's page.</summary>
public sealed class EncryptionTests : PageContext
{
    [Fact]
    public void A_key_is_added_in_settings_and_a_refusal_stays_in_the_dialog()
    {
        Show<EncryptionKeysPanel>("/settings");
        Click("Add key");
        Click("Add");
        Page.WaitForAssertion(() => Assert.Contains("Name: give one.", Page.Markup, StringComparison.Ordinal));
        Type("Key name", "vault");
        Click("Add");
        Page.WaitForAssertion(() => Assert.Contains(Page.FindAll("td strong").Select(Text), name => name == "vault"));
        Assert.Equal(KeyKind.Generated, Assert.Single(EncryptionKeys.All).Key.Kind);
    }

    [Fact]
    public void A_locked_key_is_unlocked_by_its_passphrase_alone_which_is_then_gone_from_the_page()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault", KeyKind.Passphrase, unlocked: false));
        Show<EncryptionKeysPanel>("/settings");
        Click("Unlock vault");
        Type("Passphrase", "wrong");
        Click("Unlock key");
        Page.WaitForAssertion(() => Assert.Contains("this is not the passphrase", Page.Markup, StringComparison.Ordinal));
        Type("Passphrase", "right");
        Click("Unlock key");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Lock vault")));
        Assert.DoesNotContain("right", Page.FindAll("input").Select(input => input.GetAttribute("value")));
        Click("Lock vault");
        Page.WaitForAssertion(() => Assert.NotNull(FindButton("Unlock vault")));
    }

    [Fact]
    public void A_rotation_says_what_it_did()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault"));
        Show<EncryptionKeysPanel>("/settings");
        Click("Rotate vault");
        Click("Rotate key");
        Page.WaitForAssertion(() => Assert.Contains("3 data keys are wrapped with it", Page.Find("[role=status]").TextContent, StringComparison.Ordinal));
        Assert.Equal("vault", Assert.Single(EncryptionKeys.Rotated).Name);
    }

    [Fact]
    public void The_wizard_makes_an_encrypted_job_with_a_key_that_is_made_there()
    {
        Show<CreateJobPage>("/jobs/create?section=additional");
        Click("Add key");
        Type("Key name", "vault");
        Click("Add");
        Page.WaitForAssertion(() => Assert.Null(FindButton("Cancel")));
        Navigation.NavigateTo("/jobs/create?section=details");
        Type("Job name", "private");
        Click("Review and create");
        Page.WaitForAssertion(() => Assert.Contains("Encryption key", Page.Markup, StringComparison.Ordinal));
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Equal("vault", Assert.Single(Jobs.Created).Encryption?.Key));
    }

    [Fact]
    public void The_default_key_is_the_wizards_proposal()
    {
        EncryptionKeys.All.Add(FakeEncryptionKeys.Make("vault") with { IsDefault = true });
        Show<CreateJobPage>("/jobs/create");
        Type("Job name", "private");
        Click("Review and create");
        Click("Create reinforcement fine-tuning job");
        Page.WaitForAssertion(() => Assert.Equal("vault", Assert.Single(Jobs.Created).Encryption?.Key));
    }

    [Fact]
    public void Deleting_an_encrypted_job_says_that_its_data_key_is_destroyed()
    {
        Jobs["j1"] = SampleJob.Make("j1", JobStatus.Completed) with { EncryptionKey = "vault" };
        Show<JobPage>("/jobs/j1", ("Id", "j1"));
        Click("Delete job");
        Page.WaitForAssertion(() => Assert.Contains("its data key is destroyed", Page.Markup, StringComparison.Ordinal));
    }
}
